/**
 * What it costs to compare answers while the copy runs: no connection's, those of a share, and of all. The process that compares has
 * the same cores here as all else; on real servers it has the test server's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { told } from '../../lab/cli/terminal/output';
import { candidatesFor, DEFAULT_BACKEND, type Candidate } from '../candidates/candidates';
import { startCopy } from '../candidates/start-copy';
import { costTopologies } from '../candidates/topology';
import { growthOf, usageOf, type Usage } from '../candidates/usage';
import { prepareNginx } from '../servers/nginx';
import { withOwnLab } from '../stage/own-lab';
import { awaitQuiet, stageOf, type Stage } from '../stage/stage';
import { inTurn } from '../stage/turns';
import { playAb } from '../tools/ab';
import { LOADS, WARM, type CompareLoad } from './loads';

export const SHARES = ['0', '5%', '100%'] as const;
export type Share = (typeof SHARES)[number];

export interface LiveSample {
  readonly load: string;
  readonly round: number;
  readonly share: Share;
  readonly requests: number;
  /** Requests a second at the online server. */
  readonly rate: number;
  readonly tcpcopy: Usage;
  readonly intercept: Usage;
  /** Undefined where nothing is compared. */
  readonly comparer: Usage | undefined;
  /** Requests whose answers were held against each other, and those of which nothing could be said. */
  readonly pairs: number;
  readonly unjudged: number;
}

const REPORT = '/tmp/live.json';
/** It is done when it takes less than this in a second. */
const IDLE_US = 20_000;

export async function liveCost(rounds: number, signal: AbortSignal): Promise<LiveSample[]> {
  const [candidate] = await candidatesFor({ peer: undefined, before: undefined }, [DEFAULT_BACKEND]);
  const own = {
    name: 'bench-compare-live',
    topology: costTopologies.http,
    bare: true,
    progress: told,
    signal,
  };
  return withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal);
    await prepareNginx(stage);
    const samples: LiveSample[] = [];
    for (let round = 0; round < rounds; round += 1)
      for (const load of LOADS)
        for (const share of inTurn(SHARES, round))
          await told.step(`${load.id}, ${share} compared, round ${round + 1} of ${rounds}`, async () => {
            samples.push(await measure(stage, candidate!, load, share, round));
          });
    return samples;
  });
}

async function measure(
  stage: Stage,
  candidate: Candidate,
  load: CompareLoad,
  share: Share,
  round: number,
): Promise<LiveSample> {
  const { online, test } = stage;
  const isCompared = share !== '0';
  const stop = await startCopy(
    stage,
    candidate,
    isCompared ? ['--compare', share] : [],
    isCompared ? ['--compare', '--compare-out', REPORT] : [],
  );
  let sample: Omit<LiveSample, 'pairs' | 'unjudged'>;
  const tag = `live/${load.id}/${share.replace('%', '')}/${round}`;
  const usages = async () => ({
    tcpcopy: await usageOf(online, 'tcpcopy'),
    intercept: await usageOf(test, 'intercept'),
    comparer: isCompared ? await usageOf(test, 'comparer') : undefined,
  });
  try {
    await playAb(WARM)(stage, `${tag}/warm`);
    await idle(stage, isCompared);
    const before = await usages();
    const { requests, seconds } = await playAb(load)(stage, tag);
    await idle(stage, isCompared);
    const after = await usages();
    sample = {
      load: load.id,
      round,
      share,
      requests,
      rate: requests / seconds,
      tcpcopy: growthOf(before.tcpcopy, after.tcpcopy),
      intercept: growthOf(before.intercept, after.intercept),
      comparer: before.comparer && after.comparer && growthOf(before.comparer, after.comparer),
    };
  } finally {
    await stop();
  }
  if (!isCompared) return { ...sample, pairs: 0, unjudged: 0 };
  const report = JSON.parse((await test.readFile(REPORT)).toString()) as Pick<
    LiveSample,
    'pairs' | 'unjudged'
  >;
  return { ...sample, pairs: report.pairs, unjudged: report.unjudged };
}

/** All is copied, and all that was told is compared. */
async function idle(stage: Stage, isCompared: boolean): Promise<void> {
  await awaitQuiet(stage);
  if (!isCompared) return;
  let before = await usageOf(stage.test, 'comparer');
  for (;;) {
    await sleep(1000, undefined, { signal: stage.signal });
    const now = await usageOf(stage.test, 'comparer');
    if (growthOf(before, now).cpu_us < IDLE_US) return;
    before = now;
  }
}
