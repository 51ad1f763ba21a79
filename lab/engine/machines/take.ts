/** A machine becomes a node of a lab, and is nobody's again. What stands in the lab's folder there says whose it is. */
import { createReadStream } from 'node:fs';
import { controlPort } from '../../plan/parts';
import { machineFolder, ownProcesses } from '../../plan/machines';
import { quoted } from '../../plan/words';
import { deviceOf } from '../../topology/machines';
import type { Topology, TopologyNode } from '../../topology/types';
import { LabError } from '../docker/errors';
import type { LabIdentity } from '../docker/labels';
import { LINKS } from './kit';
import { machinesOf, type Machine } from './machine';

type Taking = Pick<LabIdentity, 'name' | 'run' | 'topology'>;

/** Whose the machine is, in a line. */
const ownerOf = ({ name, run }: Taking): string => `${name} ${run}`;

/** Of all processes that an agent has started (lab/agent). */
const MARK = 'TCPCOPY_LAB_COMMAND';

/** The last that is put there. */
const WHOLE = 'whole';

const TOOLS = ['iptables', 'ip6tables', 'ip', 'ss', 'tcpdump', 'pgrep', 'pkill', 'timeout', 'tar'] as const;

/** What keeps it from being a node, a sentence a line; nothing where it fits. Changes nothing. */
const survey = (node: TopologyNode): string => `
PATH=$PATH:/usr/sbin:/sbin
[ "$(uname -m)" = x86_64 ] || echo "its processor is $(uname -m), and the lab has programs for x86_64"
for tool in ${TOOLS.join(' ')}; do command -v $tool >/dev/null || echo "$tool is not installed"; done
[ ! -e ${machineFolder} ] || echo "${machineFolder} is there: $(cut -d' ' -f1 ${machineFolder}/lab 2>/dev/null || echo 'not by a lab')"
ip -o -4 address show dev ${deviceOf(node)} 2>/dev/null | grep -qF ' ${node.address}/' || echo "its device ${deviceOf(node)} does not have the address ${node.address}"
pgrep ${ownProcesses(node).join(' ')} -x 'tcpcopy|intercept' >/dev/null && echo "a tcpcopy or intercept runs there already"
${
  node.role === 'online'
    ? ''
    : `grep -qs '^ *0 ' /proc/net/netfilter/nfnetlink_queue && echo "somebody listens to queue 0"
ss -ltnH 'sport = :${controlPort}' 2>/dev/null | grep -q . && echo "somebody listens on port ${controlPort}"`
}
exit 0`;

const take = (owner: string): string => `umask 022; PATH=$PATH:/usr/sbin:/sbin
mkdir -p ${machineFolder.replace(/\/[^/]*$/, '')} && mkdir ${machineFolder} && cd ${machineFolder} && echo ${quoted([owner])} >lab &&
mkdir log run tmp && tar -xzf - && ${LINKS} && touch ${WHOLE}`;

const isOwn = (owner: string): string => `[ "$(cat ${machineFolder}/lab 2>/dev/null)" = ${quoted([owner])} ]`;

/** What is left of verifications that were cut off goes as well: processes, and rules that count. */
const leave = (owner: string): string => `PATH=$PATH:/usr/sbin:/sbin
${isOwn(owner)} || exit 0
# Containers on this machine may be another lab's nodes.
ours() {
  for pid in $(grep -lsz '^${MARK}=' /proc/[0-9]*/environ | cut -d/ -f3); do
    [ "$(readlink /proc/$pid/ns/pid)" != "$(readlink /proc/1/ns/pid)" ] || echo $pid
  done
}
for signal in TERM KILL; do
  for turn in 1 2 3 4 5 6 7 8 9 10; do
    left=$(ours); [ -n "$left" ] || break 2
    kill -$signal $left 2>/dev/null
    sleep 0.2
  done
done
for tables in iptables ip6tables; do
  for table in raw mangle; do
    $tables -w -t $table -S 2>/dev/null | sed -n '/--comment "*verify-/s/^-A //p' |
      xargs -rL1 $tables -w -t $table -D
  done
done
rm -rf ${machineFolder}`;

/**
 * Looks at all machines of a topology, and changes nothing.
 *
 * @throws LabError `MACHINE_UNREACHABLE`, `MACHINE_UNFIT` with all that keeps them from being nodes
 */
export async function assertMachinesFit(topology: Topology): Promise<void> {
  const looked = [...machinesOf(topology)].map(async ([name, machine]) => {
    const { stdout } = await machine.run(survey(topology.nodes[name]!));
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
  const { exitCode, stderr } = await machine.run(take(ownerOf(lab)), createReadStream(kit));
  if (exitCode === 0) return machine;
  await leaveMachine(lab, machine);
  throw new LabError(
    'MACHINE_UNFIT',
    `The programs of the lab cannot be brought to ${name} (${machine.ssh}): ${stderr}.`,
    `Look at ${machineFolder} there, and at the room on its disk.`,
  );
}

/** `part`: nothing was ever started there, since not all that it takes was brought. */
export type Taken = 'whole' | 'part' | 'no';

/** How far it is this lab's. @throws LabError `MACHINE_UNREACHABLE` */
export async function takenBy(lab: Taking, machine: Machine): Promise<Taken> {
  const { exitCode } = await machine.run(
    `${isOwn(ownerOf(lab))} || exit 1; [ -e ${machineFolder}/${WHOLE} ] || exit 2`,
  );
  return exitCode === 0 ? 'whole' : exitCode === 2 ? 'part' : 'no';
}

/** Nothing is left there of this lab; of others nothing is touched. @throws LabError `MACHINE_UNREACHABLE`, `REMOVAL_FAILED` */
export async function leaveMachine(lab: Taking, machine: Machine): Promise<void> {
  const { exitCode, stderr } = await machine.run(leave(ownerOf(lab)));
  if (exitCode !== 0)
    throw new LabError('REMOVAL_FAILED', `${machineFolder} on ${machine.name} cannot be removed: ${stderr}`);
}
