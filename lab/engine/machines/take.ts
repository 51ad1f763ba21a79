/** A machine becomes a node of a lab, and is nobody's again. What stands in the lab's folder there says whose it is. */
import { createReadStream } from 'node:fs';
import { machineFolder } from '../../plan/machines';
import type { Topology } from '../../topology/types';
import { LabError } from '../docker/errors';
import type { LabIdentity } from '../docker/labels';
import { leaveLine, placeOf, surveyLine, takeLine, takenLine } from './lines';
import { machinesOf, type Machine } from './machine';

type Taking = Pick<LabIdentity, 'name' | 'run' | 'topology'>;

/**
 * Looks at all machines of a topology, and changes nothing.
 *
 * @throws LabError `MACHINE_UNREACHABLE`, `MACHINE_UNFIT` with all that keeps them from being nodes
 */
export async function assertMachinesFit(topology: Topology): Promise<void> {
  const looked = [...machinesOf(topology)].map(async ([name, machine]) => {
    const { stdout } = await machine.run(surveyLine(topology.nodes[name]!));
    const faults = stdout.split('\n').filter((line) => line.trim() !== '');
    return faults.length > 0 ? [`${name} (${machine.ssh}): ${faults.join('; ')}`] : [];
  });
  const unfit = (await Promise.all(looked)).flat();
  if (unfit.length === 0) return;
  throw new LabError(
    'MACHINE_UNFIT',
    `What cannot be a node: ${unfit.join('. ')}.`,
    'Mend that, or name another machine (on). Nothing was changed there.',
  );
}

/** @param kit the archive of what it is given @throws LabError `MACHINE_UNREACHABLE`, `MACHINE_UNFIT` */
export async function takeMachine(lab: Taking, name: string, kit: string): Promise<Machine> {
  const machine = machinesOf(lab.topology).get(name)!;
  const { exitCode, stderr } = await machine.run(takeLine(placeOf(lab)), createReadStream(kit));
  if (exitCode === 0) return machine;
  // On a full disk each file is one more line.
  const [first = '', ...others] = stderr.split('\n');
  await leaveMachine(lab, machine);
  throw new LabError(
    'MACHINE_UNFIT',
    `The programs of the lab cannot be brought to ${name} (${machine.ssh}): ${first}${others.length > 0 ? ', …' : ''}.`,
    `Look at ${machineFolder} there, and at the room on its disk.`,
  );
}

/** `part`: nothing was ever started there, since not all that it takes was brought. */
export type Taken = 'whole' | 'part' | 'no';

/** How far it is this lab's. @throws LabError `MACHINE_UNREACHABLE`, `MACHINE_UNFIT` */
export async function takenBy(lab: Taking, machine: Machine): Promise<Taken> {
  return (await machine.run(takenLine(placeOf(lab)))).stdout.trim() as Taken;
}

/** Nothing is left there of this lab; of others nothing is touched. @throws LabError `MACHINE_UNREACHABLE`, `REMOVAL_FAILED` */
export async function leaveMachine(lab: Taking, machine: Machine): Promise<void> {
  const { exitCode, stderr } = await machine.run(leaveLine(placeOf(lab)));
  if (exitCode !== 0)
    throw new LabError('REMOVAL_FAILED', `${machineFolder} on ${machine.name} cannot be removed: ${stderr}`);
}
