/**
 * Lines of shell by which a machine becomes a lab's, and is nobody's again. Whoever dies over them leaves what says whose it is: the
 * folder is made, and removed, under a name of this run, and is there, or is not, in one step (rename(2)).
 */
import { controlPort } from '../../plan/parts';
import { machineFolder, ownProcesses } from '../../plan/machines';
import { quoted } from '../../plan/words';
import { deviceOf } from '../../topology/machines';
import type { TopologyNode } from '../../topology/types';
import type { LabIdentity } from '../docker/labels';
import { LINKS } from './kit';

export interface Place {
  /** Of the lab there; beside it nothing else is written. */
  readonly folder: string;
  /** The same while it is not whole. */
  readonly aside: string;
  /** Whose it is, in a line. */
  readonly owner: string;
}

export const placeOf = ({ name, run }: Pick<LabIdentity, 'name' | 'run'>, folder = machineFolder): Place => ({
  folder,
  aside: `${folder}.${run}`,
  owner: `${name} ${run}`,
});

/** Of all processes that an agent has started (lab/agent). */
const MARK = 'TCPCOPY_LAB_COMMAND';

const TOOLS = ['iptables', 'ip6tables', 'ip', 'ss', 'tcpdump', 'pgrep', 'pkill', 'timeout', 'tar'] as const;

/** Says what keeps it from being a node, a sentence a line; nothing where it fits. Changes nothing. */
export const surveyLine = (node: TopologyNode): string => `
PATH=$PATH:/usr/sbin:/sbin
[ "$(uname -m)" = x86_64 ] || echo "its processor is $(uname -m), and the lab has programs for x86_64"
for tool in ${TOOLS.join(' ')}; do command -v $tool >/dev/null || echo "$tool is not installed"; done
[ ! -e ${machineFolder} ] || echo "${machineFolder} is there: $(cut -d' ' -f1 ${machineFolder}/lab 2>/dev/null || echo 'not by a lab')"
ip -o -4 address show dev ${deviceOf(node)} 2>/dev/null | grep -qF ' ${node.address}/' || echo "its device ${deviceOf(node)} does not have the address ${node.address}"
pgrep ${ownProcesses(node).join(' ')} -x 'tcpcopy|intercept' >/dev/null && echo "a tcpcopy or intercept runs there already"
${
  node.server?.kind === 'present'
    ? `ss -ltnH 'sport = :${node.server.port}' 2>/dev/null | grep -q . || echo "nobody listens on port ${node.server.port}, which is to be its server's"`
    : ''
}
${
  node.role === 'online'
    ? ''
    : `grep -qs '^ *0 ' /proc/net/netfilter/nfnetlink_queue && echo "somebody listens to queue 0"
ss -ltnH 'sport = :${controlPort}' 2>/dev/null | grep -q . && echo "somebody listens on port ${controlPort}"`
}
exit 0`;

/** Reads the archive of what the machine is given. */
export const takeLine = ({ folder, aside, owner }: Place): string => `umask 022; PATH=$PATH:/usr/sbin:/sbin
mkdir -p ${folder.replace(/\/[^/]*$/, '')} && mkdir ${aside} && cd ${aside} && echo ${quoted([owner])} >lab &&
mkdir log run tmp && tar -xzf - && ${LINKS} && mv -T ${aside} ${folder}`;

const isOwn = ({ folder, owner }: Place): string =>
  `[ "$(cat ${folder}/lab 2>/dev/null)" = ${quoted([owner])} ]`;

/** Says how far it is this lab's: `whole`, `part` or `no`. */
export const takenLine = (place: Place): string =>
  `if ${isOwn(place)}; then echo whole; elif [ -e ${place.aside} ]; then echo part; else echo no; fi`;

/** What is left of verifications that were cut off goes as well: processes, and rules that count. */
export const leaveLine = (place: Place): string => `PATH=$PATH:/usr/sbin:/sbin
rm -rf ${place.aside}
${isOwn(place)} || exit 0
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
mv -T ${place.folder} ${place.aside} && rm -rf ${place.aside}`;
