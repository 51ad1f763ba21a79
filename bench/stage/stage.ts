/** A running lab as the loads see it: who plays, who is copied, who is copied to. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, RunningLab } from '../../lab/engine/commands/lab';
import { FOREIGN_START_MS } from '../../lab/plan/flavour';
import { collectCounters, countersOn } from '../../lab/verify/collect/state';
import type { ProgramCounters } from '../../lab/verify/evidence/copy-state';
import type { Scene } from '../../lab/verify/evidence/scene';
import { sceneOf } from '../../lab/verify/collect/scene-of';
import { BenchError } from './bench-error';
import type { Delivery } from './delivery';
import { redoStep, undoStep } from './plan-step';

export interface Stage {
  readonly lab: RunningLab;
  readonly scene: Scene;
  readonly client: LabNode;
  readonly online: LabNode;
  readonly test: LabNode;
  readonly signal: AbortSignal;
  /** The test server is waited for as long as it makes progress within this: retransmissions pause for seconds. */
  readonly patience_ms: number;
  /** What handles packets on threads of its own; undefined where senders do, and where it is not asked. */
  readonly delivery: Delivery | undefined;
}

const PATIENCE_DEFAULT_MS = 15_000;
const ARMED_WITHIN_MS = 15_000;
const POLL_MS = 50;
const QUIET_MS = 500;

export interface StageChoice {
  readonly patience_ms?: number | undefined;
  /** The online server whose copy is meant; by default the first one's. */
  readonly from?: string;
  readonly delivery?: Delivery | undefined;
}

export async function stageOf(
  lab: RunningLab,
  signal: AbortSignal,
  { patience_ms = PATIENCE_DEFAULT_MS, from, delivery }: StageChoice = {},
): Promise<Stage> {
  const scene = await sceneOf(lab, from);
  return {
    lab,
    scene,
    client: lab.node(scene.clients[0]!.name),
    online: lab.node(scene.online.name),
    test: lab.node(scene.test.name),
    signal,
    patience_ms,
    delivery,
  };
}

/** What tcpcopy has counted; undefined where the lab has other programs than ours, which may end when they are asked. */
export const countersOf = ({ lab, online }: Stage): Promise<ProgramCounters> =>
  countersOn(lab, online.name, 'tcpcopy');

/** Before it is armed, tcpcopy sends nothing, and what clients say is not copied. Others do not say when they are ready. */
export async function awaitArmed(stage: Stage): Promise<void> {
  const { lab, online, signal } = stage;
  if (lab.flavour !== 'ours') return sleep(FOREIGN_START_MS, undefined, { signal });
  const deadline_ms = performance.now() + ARMED_WITHIN_MS;
  while (Number((await collectCounters(online, 'tcpcopy'))?.['armed']) !== 1) {
    if (performance.now() > deadline_ms) {
      throw new BenchError(
        'COPY_NOT_ARMED',
        `tcpcopy on ${online.name} does not copy within ${ARMED_WITHIN_MS} ms.`,
        'Its log (lab logs) tells what it waits for.',
      );
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/**
 * No connection is left out. Where more came than could be copied (src/overload) some are, until seconds behind it, and they would be
 * missing in what is played next. A machine that is never done with it is measured as it is.
 */
export async function awaitAllCopied(stage: Stage): Promise<void> {
  const { signal, patience_ms } = stage;
  const deadline_ms = performance.now() + patience_ms;
  while (performance.now() < deadline_ms) {
    const share = (await countersOf(stage))?.['copied_share_percent'] ?? 100;
    if (Number(share) >= 100) return;
    await sleep(QUIET_MS, undefined, { signal });
  }
}

/** The copy is behind no longer: nothing more goes out. What is left of one load takes from the next. */
export async function awaitQuiet(stage: Stage): Promise<void> {
  const { signal, patience_ms } = stage;
  const deadline_ms = performance.now() + patience_ms;
  let before: unknown;
  while (performance.now() < deadline_ms) {
    const sent = (await countersOf(stage))?.['packets_sent'];
    if (sent === before) return;
    before = sent;
    await sleep(QUIET_MS, undefined, { signal });
  }
}

export const stopCopying = ({ lab, online }: Stage): Promise<void> => undoStep(lab, `tcpcopy:${online.name}`);

/** Both programs are started anew. */
export async function restartPrograms(stage: Stage): Promise<void> {
  const intercept = `intercept:${stage.test.name}`;
  await stopCopying(stage);
  await undoStep(stage.lab, intercept);
  await redoStep(stage.lab, intercept);
  await startCopying(stage);
  await awaitArmed(stage);
}

/** Resolves when tcpcopy is connected; it copies from when it is armed. */
export const startCopying = ({ lab, online }: Stage): Promise<void> =>
  redoStep(lab, `tcpcopy:${online.name}`);
