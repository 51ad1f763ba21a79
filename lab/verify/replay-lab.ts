/** Plays a capture in a lab with an offline copy, and holds what arrives against the file. */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { LabNode, RunningLab } from '../engine/commands/lab';
import type { TopologyCopy } from '../topology/types';
import { transferOf } from '../plan/copies/transfer';
import { parseAddress } from '../../src/wire/address/address';
import { Cleanup } from './collect/cleanup';
import { collectFences } from './collect/fence';
import { startTaps } from './collect/taps';
import type { OutsideCall } from '../fence/outside-call';
import { callsIn, findInCalls, findInFences } from './findings/in-fences';
import { VerifyError } from './collect/errors';
import { countersInLog, growthOf } from './evidence/copy-state';
import { doubtfulInLog, type Doubt } from './evidence/doubt';
import { leaksOf, type Leaks } from './leaks/leaks';
import { marksIn } from './frames/marks';
import { replayLedger, type ReplayLedger } from './ledger/replay-ledger';
import type { Scene } from './evidence/scene';
import { protocolIn } from './collect/load-parts';
import { sceneOf } from './collect/scene-of';
import { sendMark } from './collect/send-mark';

export interface ReplayVerification {
  readonly verdict: 'pass' | 'fail';
  /** What tcpcopy says about it. */
  readonly account: string;
  /** Its exit status: 1 when it did not replay all of the file, as with one that is cut off. */
  readonly exitStatus: number;
  readonly ledger: ReplayLedger;
  readonly leaks: Leaks;
  /** Calls of the test side's services to others, which went nowhere; not those that the topology allows. */
  readonly outside: readonly OutsideCall[];
  /** Why it fails, as sentences. */
  readonly reasons: readonly string[];
}

export interface ReplayLabOptions {
  /** Further arguments of tcpcopy, such as `-a 10`. */
  readonly tcpcopy?: readonly string[];
  readonly signal?: AbortSignal;
}

const PLAYED_FILE = '/tmp/replay.pcap';
const ARRIVED_FILE = '/tmp/replay-arrived.pcap';
const LISTEN_WITHIN_MS = 10_000;
/** Longer than a capture that fits into a node's memory is likely to last. */
const PLAY_MAX_MS = 24 * 3600 * 1000;
/** How long the kernel may keep frames from tcpdump. */
const FLUSH_MS = 1_200;

export async function replayInLab(
  lab: RunningLab,
  file: Uint8Array,
  { tcpcopy = [], signal = new AbortController().signal }: ReplayLabOptions = {},
): Promise<ReplayVerification> {
  const copy = lab.topology.copies.find(({ architecture }) => architecture === 'offline');
  if (!copy) {
    throw new VerifyError(
      'NOTHING_COPIED',
      `Lab ${lab.name} has no offline copy to play a capture with.`,
      'Start one: lab up offline.',
    );
  }
  // Nobody may use the test server past the guard while a capture is played.
  const scene: Scene = { ...(await sceneOf(lab, copy.from)), passlist: [] };
  const test = lab.node(scene.test.name);
  const cleanup = new Cleanup();
  try {
    const run = randomUUID().slice(0, 8);
    cleanup.add(() => test.exec(['rm', '-f', ARRIVED_FILE]));
    const taps = await startTaps(lab, scene, run, cleanup);
    const arrived = await tapArrivals(test, scene, cleanup);
    const [before] = await Promise.all([collectFences(lab), sendMark(lab, scene, run, 'before')]);

    const played = await playCapture(lab, copy, file, { tcpcopy, signal }, cleanup);
    await sendMark(lab, scene, run, 'after');
    const [after] = await Promise.all([collectFences(lab), taps.recorded(), sleep(FLUSH_MS)]);
    const [recorded, { capture, dropped }] = await Promise.all([taps.stop(), arrived.stop()]);

    const ledger = replayLedger(
      file,
      scene.online.port,
      capture,
      scene.test.addresses.map((address) => ({ address: parseAddress(address)!, port: scene.test.port })),
      { protocol: protocolIn(scene), times: timesIn(tcpcopy), ...toldIn(played.log) },
    );
    const leaks = leaksOf(recorded, scene, []);
    const outside = callsIn({ before, after });
    const blind = recorded
      .filter((tap) => marksIn(tap.capture, run, tap.families).size < 2)
      .map(({ name }) => name);
    const reasons = [
      ...(ledger.requests === 0 ? ['the file holds no whole request of a client to that port'] : []),
      ...(ledger.missing > 0 ? [`${ledger.missing} requests of the file never arrived`] : []),
      ...(ledger.unexpected > 0
        ? [`${ledger.unexpected} requests arrived that the file does not hold so often`]
        : []),
      ...(ledger.reordered > 0 ? [`${ledger.reordered} connections arrived in another order`] : []),
      ...(leaks.frames > 0
        ? [`${leaks.frames} frames got past the guard, first: ${leaks.first[0]!.text}`]
        : []),
      ...[...findInFences({ before, after }), ...findInCalls(outside)].map(({ message }) => message),
      ...blind.map((name) => `the tap ${name} did not see the marks, so it was not looking all the while`),
      ...(dropped > 0 ? [`the tap on the test server missed ${dropped} packets`] : []),
      ...(played.exitCode > 1
        ? [`tcpcopy ended with status ${played.exitCode}: ${played.log.trim().slice(-500)}`]
        : []),
    ];
    return {
      verdict: reasons.length === 0 ? 'pass' : 'fail',
      account: played.stdout,
      exitStatus: played.exitCode,
      ledger,
      leaks,
      outside,
      reasons,
    };
  } finally {
    await cleanup.run();
  }
}

/** What is played on the test server itself comes to it by its loopback device. */
async function tapArrivals(test: LabNode, { test: { port } }: Scene, cleanup: Cleanup) {
  const filter = `tcp dst port ${port}`;
  const argv = ['tcpdump', '-i', 'lo', '-n', '-U', '-s', '0', '-B', '65536', '-w', ARRIVED_FILE, filter];
  const command = await test.start(argv);
  let isStopped = false;
  cleanup.add(async () => {
    if (!isStopped) await command.stop(1_000);
  });
  const deadline_ms = performance.now() + LISTEN_WITHIN_MS;
  while (!command.stderr().includes('listening on')) {
    if (performance.now() > deadline_ms)
      throw new VerifyError('TAP_FAILED', `${argv.join(' ')} does not listen: ${command.stderr().trim()}`);
    await sleep(10);
  }
  return {
    async stop() {
      const { stderr } = await command.stop();
      isStopped = true;
      const dropped = Number(/^(\d+) packets? dropped by kernel/m.exec(stderr.toString())?.[1] ?? 0);
      return { capture: await test.readFile(ARRIVED_FILE), dropped };
    },
  };
}

export interface Played {
  readonly exitCode: number;
  /** Its account. */
  readonly stdout: string;
  readonly log: string;
}

/** Has tcpcopy play a file on the test server of an offline copy, to its end. */
export async function playCapture(
  lab: RunningLab,
  copy: TopologyCopy,
  file: Uint8Array,
  { tcpcopy = [], signal = new AbortController().signal }: ReplayLabOptions,
  cleanup: Cleanup,
): Promise<Played> {
  const test = lab.node(copy.to);
  cleanup.add(() => test.exec(['rm', '-f', PLAYED_FILE]));
  await test.writeFile(PLAYED_FILE, file);
  signal.throwIfAborted();
  const transfer = transferOf(lab.topology, copy);
  const command = await test.start(['tcpcopy', '-i', PLAYED_FILE, '-x', transfer, ...tcpcopy]);
  const abort = (): void => void command.stop();
  signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, PLAY_MAX_MS);
  const { exitCode, stdout, stderr } = await command.ended;
  clearTimeout(timer);
  signal.removeEventListener('abort', abort);
  signal.throwIfAborted();
  return { exitCode, stdout: stdout.toString(), log: stderr.toString() };
}

/** What the log of a tcpcopy that has ended says of requests in doubt, and of those that it said again. */
function toldIn(log: string): { doubt: Doubt; saidAgain: number } {
  const { requests_doubtful: told = 0, requests_said_again: saidAgain = 0 } = growthOf(
    undefined,
    countersInLog(log),
  );
  return { doubt: { words: doubtfulInLog(log), told }, saidAgain };
}

function timesIn(tcpcopy: readonly string[]): number {
  const text = /(?:^| )-T ?(\d+)/.exec(tcpcopy.join(' '))?.[1];
  return text === undefined ? 1 : Number(text);
}
