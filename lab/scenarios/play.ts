/** Plays one scenario in a bare lab, and collects the evidence of it. */
import { endedAsText, endedServices } from '../engine/services/states';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../engine/docker/errors';
import type { LabNode, RunningLab } from '../engine/commands/lab';
import { copiedConnections } from '../plan/copies/own-copies';
import { FOREIGN_START_MS } from '../plan/flavour';
import { randomFrom } from '../load/requests/random';
import type { LoadProfile } from '../load/requests/schedule';
import { Cleanup } from '../verify/collect/cleanup';
import { installCountingRules } from '../verify/collect/kernel-counts';
import { RunningLoad } from '../verify/collect/load';
import { keepRecord } from '../verify/collect/records';
import { awaitArmed, collectAllCounters } from '../verify/collect/state';
import { startTaps } from '../verify/collect/taps';
import { clientParts, directParts, newRun, protocolIn } from '../verify/collect/load-parts';
import type { Scene } from '../verify/evidence/scene';
import { sendMark } from '../verify/collect/send-mark';
import { settle } from '../verify/collect/settle';
import type { PlayedLoad, ScenarioEvidence } from './judgement/evidence';
import { ScenarioError } from './stage/errors';
import { nodesOf, PARTS, startPart, stopPart, takeDownCopy } from './stage/parts';
import { resetLab } from './reset';
import { busyLoads, type Loads } from './loads';
import type { Scenario } from './stage/scenario';
import { Stage } from './stage/stage';
import type { Observe, Observer } from './stage/observer';
import type { Phase, Step } from './stage/step';

/** How long the test server may make no progress: where nothing may be missing, retransmissions are waited for. */
const PATIENCE_MS = { exact: 5_000, lossy: 1_200 };
const LINGER_MS = 300;
const ARMED_WITHIN_MS = 15_000;
/** The test server sends again what it thinks lost, first after 200 ms (RTO), then after twice as long. */
const LAST_LOOK_MS = 1_000;

export interface PlayOptions {
  readonly round: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly loads?: Loads | undefined;
  /** Asked when the lab is bare. */
  readonly observe?: Observe | undefined;
}

export async function playScenario(
  lab: RunningLab,
  scene: Scene,
  scenario: Scenario,
  { round, seed, signal, loads = busyLoads, observe }: PlayOptions,
): Promise<ScenarioEvidence> {
  await resetLab(lab, scene);
  const observer = await observe?.(lab, scenario, { round, seed });
  try {
    return await playBefore(observer, lab, scene, scenario, { seed, signal, loads });
  } finally {
    await observer?.end();
  }
}

interface How {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly loads: Loads;
}

async function playBefore(
  observer: Observer | undefined,
  lab: RunningLab,
  scene: Scene,
  scenario: Scenario,
  how: How,
): Promise<ScenarioEvidence> {
  const { expect } = scenario;
  const { seed, signal, loads } = how;
  const phase = (name: Phase): void => observer?.told({ kind: 'phase', phase: name });
  const test = lab.node(scene.test.name);
  const run = newRun();
  const cleanup = new Cleanup();
  try {
    phase('taps');
    const rules = await installCountingRules(lab, scene, run, cleanup);
    await rules.read('beforeTap');
    const taps = await startTaps(lab, scene, run, cleanup);
    await Promise.all([sendMark(lab, scene, run, 'before'), rules.read('tapRuns')]);

    if (scenario.copying) {
      phase('copy');
      await startCopy(lab, scene, scenario.copying, signal);
    }
    phase('load');
    const { steady: wanted } = loads;
    const profile = profileOf(scene, seed, wanted.requests, loads.runOf(seed));
    const record = await keepRecord(lab, scene, scene.test, profile.run);
    const load = await RunningLoad.start(clientParts(lab, scene, profile, wanted.rate), cleanup);
    await load.reaches(Number.MIN_VALUE, signal);
    phase('disturbance');
    const chance = randomFrom(seed, 0x6368616e);
    const told = (step: Step): void => observer?.told(step);
    const stage = new Stage(lab, scene, chance, () => record.count(), signal, told);
    let failure = await failureIn(async () => {
      await scenario.play(stage);
      if (expect.copyingAfterwards) await stage.copies();
    }, signal);
    const lasts_s = wanted.requests / wanted.rate;
    if (failure !== undefined)
      failure = [failure, ...(await endedServices(lab.name)).map(endedAsText)].join('; ');
    if (load.progress === 1) failure ??= `the load had ended before the disturbance was over (${lasts_s} s)`;
    phase('over');
    const summaries = await (wanted.toItsEnd ? load.summaries(signal) : load.finish());
    const steady: PlayedLoad = { profile, loads: summaries, directPorts: [] };
    const patience_ms = expect.missing === 'none' ? PATIENCE_MS.exact : PATIENCE_MS.lossy;
    await settle(() => record.count(), answersIn(steady), { patience_ms, linger_ms: LINGER_MS }, signal);
    let after: PlayedLoad | undefined;
    if (expect.copyingAfterwards && failure === undefined) {
      phase('after');
      after = await playAfterwards(lab, scene, how, cleanup);
      phase('take-down');
    }

    const { tcpcopy: counters } = await collectAllCounters(lab, scene);
    // What has stopped its copy itself is taken as it left it: ending connections without a guard would be a leak of ours.
    if (expect.copyingAfterwards) failure ??= await takeDownCopy(lab);
    const left = await connectionsLeft(test, scene);
    // Where something is left, the guard stays until the nodes are reset.
    if (expect.copyingAfterwards && left.length === 0 && failure === undefined) {
      for (const part of ['guard', 'net'] as const) await stopPart(lab, part).catch(() => undefined);
    }
    phase('last-look');
    await sleep(LAST_LOOK_MS, undefined, { signal });
    await rules.read('tapStillRuns');
    await sendMark(lab, scene, run, 'after');
    await taps.recorded();
    const recorded = await taps.stop();
    await rules.read('afterTap');
    return {
      scene,
      taps: recorded,
      kernelCounts: rules.counts(),
      run,
      steady,
      after,
      moments: stage.moments,
      counters,
      left,
      failure,
      logs: await logsOf(lab),
    };
  } finally {
    await cleanup.run();
  }
}

/** In the order of the plan; resolves when tcpcopy may copy, which other programs than ours do not tell. */
async function startCopy(
  lab: RunningLab,
  scene: Scene,
  further: NonNullable<Scenario['copying']>,
  signal: AbortSignal,
): Promise<void> {
  for (const part of PARTS) await startPart(lab, part, further[part]);
  if (lab.flavour !== 'ours') await sleep(FOREIGN_START_MS, undefined, { signal });
  else if (!(await awaitArmed(lab, scene, ARMED_WITHIN_MS, signal)))
    throw new ScenarioError(`tcpcopy does not copy within ${ARMED_WITHIN_MS} ms after it was started`);
}

/** What is sent when all is as it should be, and the online server's own use of the test server beside it. */
async function playAfterwards(
  lab: RunningLab,
  scene: Scene,
  { seed, signal, loads: { after, runOf } }: How,
  cleanup: Cleanup,
): Promise<PlayedLoad> {
  const profile = profileOf(scene, seed + 1, after.requests, runOf(seed + 1));
  const record = await keepRecord(lab, scene, scene.test, profile.run);
  const load = await RunningLoad.start(clientParts(lab, scene, profile, after.rate), cleanup);
  const direct = await RunningLoad.start(directParts(lab, scene, profile), cleanup);
  const played: PlayedLoad = {
    profile,
    loads: await load.summaries(signal),
    directPorts: (await direct.summaries(signal)).flatMap(({ ports }) => ports),
  };
  const patience = { patience_ms: PATIENCE_MS.exact, linger_ms: LINGER_MS };
  await settle(() => record.count(), answersIn(played), patience, signal);
  return played;
}

function profileOf(scene: Scene, seed: number, requests: number, run: string): LoadProfile {
  return { protocol: protocolIn(scene), seed, run, purpose: 'lab', requests };
}

const answersIn = ({ loads }: PlayedLoad): number => loads.reduce((sum, { answered }) => sum + answered, 0);

/** Why the work failed; an abort is no failure of it. */
async function failureIn(work: () => Promise<void>, signal: AbortSignal): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    return reasonOf(thrown);
  }
}

async function connectionsLeft(test: LabNode, scene: Scene): Promise<string[]> {
  const filter = copiedConnections(scene.test.port, scene.passlist, scene.ownCopies);
  const { stdout } = await test.exec(['ss', '-tnH', 'state', 'connected', 'exclude', 'time-wait', ...filter]);
  return stdout.toString().split('\n').filter(Boolean);
}

async function logsOf(lab: RunningLab): Promise<Record<string, string>> {
  const logs = (['tcpcopy', 'intercept'] as const).flatMap((program) =>
    nodesOf(lab, program).map(async (node) => {
      const { stdout } = await node.exec(['cat', `/var/log/${program}.log`]);
      return [`${program} on ${node.name}`, stdout.toString()] as const;
    }),
  );
  return Object.fromEntries(await Promise.all(logs));
}
