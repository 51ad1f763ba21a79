/** A machine becomes a node of a lab, and is nobody's again. What stands in the lab's folder there says whose it is. */
import { createReadStream } from 'node:fs';
import { controlPort } from '../../plan/parts';
import { machineFolder } from '../../plan/machines';
import { quoted } from '../../plan/words';
import type { OnMachine, TopologyNode } from '../../topology/types';
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
const survey = ({ device }: OnMachine, { address, role }: TopologyNode): string => `
PATH=$PATH:/usr/sbin:/sbin
[ "$(uname -m)" = x86_64 ] || echo "its processor is $(uname -m), and the lab has programs for x86_64"
for tool in ${TOOLS.join(' ')}; do command -v $tool >/dev/null || echo "$tool is not installed"; done
[ ! -e ${machineFolder} ] || echo "${machineFolder} is there: $(cut -d' ' -f1 ${machineFolder}/lab 2>/dev/null || echo 'not by a lab')"
ip -o -4 address show dev ${device} 2>/dev/null | grep -qF ' ${address}/' || echo "its device ${device} does not have the address ${address}"
pgrep -x 'tcpcopy|intercept' >/dev/null && echo "a tcpcopy or intercept runs there already"
${
  role === 'online'
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
ours() { grep -lsz '^${MARK}=' /proc/[0-9]*/environ | cut -d/ -f3; }
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

/** @param kit the archive of what it is given @throws LabError `MACHINE_UNREACHABLE`, `MACHINE_UNFIT` */
export async function takeMachine(lab: Taking, name: string, kit: string): Promise<Machine> {
  const node = lab.topology.nodes[name]!;
  const machine = machinesOf(lab.topology).get(name)!;
  const { stdout } = await machine.run(survey(node.on as OnMachine, node));
  const faults = stdout.split('\n').filter((line) => line.trim() !== '');
  if (faults.length > 0) throw unfit(machine, faults.join('; '));
  const { exitCode, stderr } = await machine.run(take(ownerOf(lab)), createReadStream(kit));
  if (exitCode === 0) return machine;
  await leaveMachine(lab, machine);
  throw unfit(machine, `the programs of the lab cannot be brought there: ${stderr}`);
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

const unfit = ({ name, ssh }: Machine, why: string): LabError =>
  new LabError(
    'MACHINE_UNFIT',
    `${name} (${ssh}) cannot be a node: ${why}.`,
    `Mend that, or name another machine (nodes.${name}.on). Nothing was changed there.`,
  );
