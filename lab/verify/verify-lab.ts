/** One verification of a running lab, from the first tap to the verdict. */
import { endedAsText, endedServices } from '../engine/services/states';
import { randomInt } from 'node:crypto';
import type { RunningLab } from '../engine/commands/lab';
import type { LoadProfile, Protocol } from '../load/requests/schedule';
import { addedUp, type LoadSummary } from '../load/summary';
import { Cleanup } from './collect/cleanup';
import { collectFences } from './collect/fence';
import { installCountingRules } from './collect/kernel-counts';
import { RunningLoad } from './collect/load';
import { keepRecord } from './collect/records';
import {
  awaitArmed,
  collectAllCounters,
  collectDoubtful,
  collectGuard,
  collectState,
  collectTimes,
} from './collect/state';
import { startTaps } from './collect/taps';
import { VerifyError } from './collect/errors';
import type { Evidence } from './evidence/evidence';
import type { Scene } from './evidence/scene';
import { judge } from './judge';
import { clientParts, directParts, newRun } from './collect/load-parts';
import { connectDirectly, ownLoadOf, playOwn, settleCopy } from './collect/own-load';
import { sceneOf } from './collect/scene-of';
import { sendMark } from './collect/send-mark';
import { settle } from './collect/settle';
import type { Verification } from './verification';

/** Awaited at each; a load of the user's own has no half. Who listens may break the lab there, and see whether it is noticed. */
export type Phase = 'armed' | 'load-started' | 'half-way' | 'load-ended' | 'settled';

export interface VerifyOptions {
  /** Name of the online server whose copy is verified. Default: the first copy's. */
  readonly from?: string;
  readonly seed?: number;
  /** Default 2,400. */
  readonly requests?: number;
  /** Requests a second at most. Default 1,000. */
  readonly rate?: number;
  /** Names the requests. Default: another one each time. */
  readonly run?: string;
  /** How long the test server may make no progress after the load. Default 5,000. */
  readonly patience_ms?: number;
  readonly onPhase?: (phase: Phase) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

export interface VerifyResult {
  readonly verification: Verification;
  readonly evidence: Evidence;
}

const REQUESTS_DEFAULT = 2_400;
const RATE_DEFAULT = 1_000;
const ARMED_WITHIN_MS = 3_000;
const PATIENCE_MS = 5_000;
const LINGER_MS = 300;

export async function verifyLab(lab: RunningLab, options: VerifyOptions = {}): Promise<VerifyResult> {
  const evidence = await collect(lab, options);
  return { evidence, verification: judge(evidence) };
}

async function collect(lab: RunningLab, options: VerifyOptions): Promise<Evidence> {
  const signal = options.signal ?? new AbortController().signal;
  refuseOffline(lab, options.from);
  const scene = await sceneOf(lab, options.from);
  const load = loadFor(lab, scene, options);
  const { run } = load;
  const cleanup = new Cleanup();
  const phase = async (name: Phase): Promise<void> => {
    signal.throwIfAborted();
    await options.onPhase?.(name);
    signal.throwIfAborted();
  };
  try {
    const rules = await installCountingRules(lab, scene, run, cleanup);
    const [onlineRecord, testRecord, ...before] = await Promise.all([
      keepRecord(lab, scene, scene.online, run),
      keepRecord(lab, scene, scene.test, run),
      collectState(lab, scene),
      collectAllCounters(lab, scene),
      collectDoubtful(lab, scene),
      collectFences(lab),
      rules.read('beforeTap'),
    ]);
    signal.throwIfAborted();
    const taps = await startTaps(lab, scene, run, cleanup);
    await Promise.all([sendMark(lab, scene, run, 'before'), rules.read('tapRuns')]);
    // Where there is no guard it is never armed; the load then shows what comes of it.
    if (lab.flavour === 'ours') await awaitArmed(lab, scene, ARMED_WITHIN_MS, signal);
    await phase('armed');

    const played = await load.play(phase, cleanup, signal);
    await phase('load-ended');
    const patience = { patience_ms: options.patience_ms ?? PATIENCE_MS, linger_ms: LINGER_MS };
    if (played.profile.protocol === 'bytes')
      await settleCopy(lab, scene, before[1].tcpcopy, patience, signal);
    else await settle(() => testRecord.count(), answersIn(played.loads), patience, signal);
    await phase('settled');

    // What is counted before the mark is sent stands before it in every capture; what comes later may be cut off.
    await rules.read('tapStillRuns');
    await sendMark(lab, scene, run, 'after');
    const [state, counters, times, doubtful, guard, fences, ended] = await Promise.all([
      collectState(lab, scene),
      collectAllCounters(lab, scene),
      collectTimes(lab, scene),
      collectDoubtful(lab, scene),
      collectGuard(lab, scene),
      collectFences(lab),
      endedServices(lab.name),
      taps.recorded(),
    ]);
    const recorded = await taps.stop();
    const [online, test] = await Promise.all([
      onlineRecord.record(),
      testRecord.record(),
      rules.read('afterTap'),
    ]);
    return {
      scene,
      ...played,
      taps: recorded,
      kernelCounts: rules.counts(),
      records: { online, test },
      state: { before: before[0], after: state },
      fences: { before: before[3], after: fences },
      ended: ended.map((one) => ({ node: one.node, how: endedAsText(one) })),
      counters: {
        tcpcopy: { before: before[1].tcpcopy, after: counters.tcpcopy },
        intercept: { before: before[1].intercept, after: counters.intercept },
      },
      times,
      doubtful: doubtful.slice(before[2].length),
      guard,
    };
  } finally {
    await cleanup.run();
  }
}

type Played = Pick<Evidence, 'profile' | 'loads' | 'direct'>;

interface Load {
  /** Names the run. */
  readonly run: string;
  play(phase: (name: Phase) => Promise<void>, cleanup: Cleanup, signal: AbortSignal): Promise<Played>;
}

/** The user's own where there is one; it says what it wants to, so that only bytes are compared. */
function loadFor(lab: RunningLab, scene: Scene, options: VerifyOptions): Load {
  if (scene.protocol !== 'bytes') return labLoad(lab, scene, profileFor(scene.protocol, options), options);
  const load = ownLoadOf(lab, scene);
  const run = newRun();
  return {
    run,
    async play(phase, _cleanup, signal) {
      const direct = connectDirectly(lab, scene);
      const playing = playOwn(lab, load, run, signal);
      playing.catch(() => undefined);
      await phase('load-started');
      return { profile: await playing, loads: [], direct: await direct };
    },
  };
}

function labLoad(
  lab: RunningLab,
  scene: Scene,
  profile: LoadProfile,
  { rate = RATE_DEFAULT }: VerifyOptions,
): Load {
  return {
    run: profile.run,
    async play(phase, cleanup, signal) {
      const loads = await RunningLoad.start(clientParts(lab, scene, profile, rate), cleanup);
      const direct = await RunningLoad.start(directParts(lab, scene, profile), cleanup);
      await phase('load-started');
      await loads.reaches(0.5, signal);
      await phase('half-way');
      const summaries = await loads.summaries(signal);
      return { profile, loads: summaries, direct: addedUp(await direct.summaries(signal)) };
    },
  };
}

const answersIn = (loads: readonly LoadSummary[]): number =>
  loads.reduce((sum, { answered }) => sum + answered, 0);

/** What is not copied live cannot be verified with a load. */
function refuseOffline({ name, topology }: RunningLab, from: string | undefined): void {
  const copy = topology.copies.find((candidate) => from === undefined || candidate.from === from);
  if (copy?.architecture !== 'offline') return;
  throw new VerifyError(
    'NOTHING_COPIED',
    `Lab ${name} plays captures, and copies nothing live.`,
    `Record one and play it: lab record --name ${name} -o online.pcap, then lab replay --name ${name} online.pcap.`,
  );
}

function profileFor(protocol: Protocol, options: VerifyOptions): LoadProfile {
  return {
    protocol,
    seed: options.seed ?? randomInt(1, 1_000_000),
    run: options.run ?? newRun(),
    purpose: 'lab',
    requests: options.requests ?? REQUESTS_DEFAULT,
  };
}
