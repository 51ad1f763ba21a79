/** How the copy stands now, and what its programs have counted, asked from the nodes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import { controlPort } from '../../plan/parts';
import {
  countersInLog,
  summed,
  timesInLog,
  type CopyState,
  type ProgramCounters,
  type ProgramName,
} from '../evidence/copy-state';
import { DOUBT_EVENT, doubtfulInLog, type DoubtfulWords } from '../evidence/doubt';
import { guardEvents, guardInLog, type GuardSaid } from '../evidence/guard-log';
import { TIMES_EVENT, type ServerTimes } from '../evidence/response-times';
import { Programs } from './programs';
import { collectRouting } from './routing';
import { boundQueuesIn } from '../../../src/firewall/bound-queues';
import { rulesIn } from '../../../src/firewall/iptables-save';
import type { Scene } from '../evidence/scene';

const ARMED_POLL_MS = 100;
/**
 * Reads only what the program adds to its log, which may be long: the next line of counters, at once, or within seconds where the machine is busy. Whoever does
 * not listen to signals yet, or only waits for the program to be ready, would end by this one, or debug: those that do
 * listen catch SIGHUP (bit 0 of SigCgt, proc(5)), which is what src/process attends to last. The shell does what it can by
 * itself: each command that it starts takes more time than all the rest.
 */
const ASK_COUNTERS = `log=$1; shift; at=$(wc -c <"$log") || exit
for pid; do
  caught=0
  while read -r key value; do [ "$key" != SigCgt: ] || caught=$value; done 2>/dev/null <"/proc/$pid/status"
  if [ $((0x$caught & 1)) -ne 0 ]; then kill -USR1 "$pid" && asked=$pid; fi
done
[ -n "$asked" ] || exit
timeout 5 tail -f -c "+$((at + 1))" "$log" | sed -n -e '/"event":"${TIMES_EVENT}"/p' -e '/"event":"counters".*}$/{p;q}'`;

export async function collectState(
  lab: RunningLab,
  scene: Scene,
  programs = new Programs(),
): Promise<CopyState> {
  const commandLineOf = async (node: LabNode, program: ProgramName): Promise<string | undefined> =>
    (await programs.on(node, program))?.commandLine;
  const test = lab.node(scene.test.name);
  const online = lab.node(scene.online.name);
  const intercepts = interceptNodes(scene).map((name) => lab.node(name));
  const [rules, rules6, queues, commandLines, tcpcopy, control, routing] = await Promise.all([
    textOf(test, ['iptables-save']),
    textOf(test, ['ip6tables-save']),
    textOf(test, ['cat', '/proc/net/netfilter/nfnetlink_queue']),
    Promise.all(intercepts.map((node) => commandLineOf(node, 'intercept'))),
    commandLineOf(online, 'tcpcopy'),
    textOf(online, ['ss', '-tnH', 'state', 'established', `dport = :${controlPort}`]),
    scene.assistants.length === 0
      ? undefined
      : collectRouting(lab, scene, (node) => commandLineOf(node, 'intercept')),
  ]);
  return {
    rules: { 4: rulesIn(rules), 6: rulesIn(rules6) },
    boundQueues: boundQueuesIn(queues).map(({ number }) => number),
    routing,
    intercept: commandLines.includes(undefined) ? undefined : commandLines[0],
    tcpcopy,
    controlConnections: control.split('\n').filter((line) => line.trim() !== '').length,
  };
}

/** Where responses are heard. */
export const interceptNodes = ({ assistants, test }: Scene): string[] =>
  (assistants.length > 0 ? assistants : [test]).map(({ name }) => name);

/** Asks a program for its counters (SIGUSR1) and reads them in its log; undefined when it does not run or answer. */
export async function collectCounters(
  node: LabNode,
  program: ProgramName,
  programs = new Programs(),
): Promise<ProgramCounters> {
  return countersInLog((await askedOf(node, program, programs)) ?? '');
}

/** How fast the servers answered, by what tcpcopy says of it now; nothing where it does not run or answer. */
export async function collectTimes(lab: RunningLab, scene: Scene): Promise<ServerTimes[]> {
  if (lab.flavour !== 'ours') return [];
  return timesInLog((await askedOf(lab.node(scene.online.name), 'tcpcopy', new Programs())) ?? '');
}

/** The end of a program's log, behind what it was asked to say; undefined when it does not run. */
async function askedOf(node: LabNode, program: ProgramName, programs: Programs): Promise<string | undefined> {
  const found = await programs.on(node, program);
  if (found === undefined) return undefined;
  return textOf(node, ['sh', '-c', ASK_COUNTERS, 'sh', logIn(found.commandLine, program), ...found.pids]);
}

/** The same of a running lab's node; undefined also where others than ours run: they have none, and may end when they are asked. */
export async function countersOn(
  lab: RunningLab,
  node: string,
  program: ProgramName,
): Promise<ProgramCounters> {
  const asked = lab.node(node);
  return lab.flavour === 'ours' ? collectCounters(asked, program) : undefined;
}

/** What tcpcopy has told to be in doubt since its log began. */
export async function collectDoubtful(lab: RunningLab, scene: Scene): Promise<DoubtfulWords[]> {
  const node = lab.node(scene.online.name);
  const found = await new Programs().on(node, 'tcpcopy');
  if (found === undefined || lab.flavour !== 'ours') return [];
  return doubtfulInLog(await textOf(node, ['grep', DOUBT_EVENT, logIn(found.commandLine, 'tcpcopy')]));
}

/** What tcpcopy has said last of the guard. */
export async function collectGuard(lab: RunningLab, scene: Scene): Promise<GuardSaid | undefined> {
  const node = lab.node(scene.online.name);
  const found = await new Programs().on(node, 'tcpcopy');
  if (found === undefined || lab.flavour !== 'ours') return undefined;
  const events = guardEvents.flatMap((event) => ['-e', `"event":"${event}"`]);
  return guardInLog(await textOf(node, ['grep', '-F', ...events, logIn(found.commandLine, 'tcpcopy')]));
}

/** Where it writes its log, by its command line. */
export const logIn = (commandLine: string, program: ProgramName): string =>
  / (?:-l|--log)[ =]?(\S+)/.exec(commandLine)?.[1] ?? `/var/log/${program}.log`;

/** @returns whether tcpcopy copies; on a busy machine its guard may have to be proven anew. */
export async function awaitArmed(
  lab: RunningLab,
  scene: Scene,
  within_ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline_ms = performance.now() + within_ms;
  while ((await collectCounters(lab.node(scene.online.name), 'tcpcopy'))?.['armed'] !== 1) {
    if (performance.now() > deadline_ms) return false;
    await sleep(ARMED_POLL_MS, undefined, { signal });
  }
  return true;
}

/** Of tcpcopy, and of all intercepts together. */
export async function collectAllCounters(
  lab: RunningLab,
  scene: Scene,
  programs = new Programs(),
): Promise<Record<ProgramName, ProgramCounters>> {
  // Other programs than ours have none, and may end when they are asked.
  if (lab.flavour !== 'ours') return { tcpcopy: undefined, intercept: undefined };
  const [tcpcopy, ...intercepts] = await Promise.all([
    collectCounters(lab.node(scene.online.name), 'tcpcopy', programs),
    ...interceptNodes(scene).map((name) => collectCounters(lab.node(name), 'intercept', programs)),
  ]);
  return { tcpcopy, intercept: summed(intercepts) };
}

/** What the command wrote; nothing when it failed, for then there is nothing to be seen. */
async function textOf(node: LabNode, argv: readonly string[]): Promise<string> {
  return (await node.exec(argv)).stdout.toString();
}
