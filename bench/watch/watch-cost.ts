/** What `lab watch` takes from the clients' rate, when they say as much as they can. */
import { silent } from '../../lab/engine/docker/progress';
import { watchLab } from '../../lab/web/observe/watch-lab';
import traditional from '../../topologies/traditional';
import { ratioOf, type Pair, type Ratio } from '../figures/ratio';
import { withOwnLab } from '../stage/own-lab';
import { awaitArmed, awaitQuiet, stageOf } from '../stage/stage';
import { playAb } from '../tools/ab';

export interface WatchCost {
  /** Requests a second, with a watch and without, made next to each other. */
  readonly pairs: readonly Pair[];
  /** With a watch, over without. */
  readonly ratio: Ratio;
  readonly met: boolean;
}

/** Of the rate; what is promised. */
const RATIO_MIN = 0.95;
/** The load that is promised for, some seconds of it: the shorter, the more alike is the machine's pace to both of a pair. */
const LOAD = { keepAlive: true, connections: 10, requests: 120_000 };
/** As many readers as a watch usually has. */
const READERS = 1;

/**
 * Met when the whole of the 95 % interval keeps what is promised; a noisy machine shows nothing.
 *
 * @param hear is told each pair when it is measured
 */
export async function watchCost(
  rounds: number,
  signal: AbortSignal,
  hear: (pair: Pair) => void,
): Promise<WatchCost> {
  const own = { name: 'bench-watch', topology: traditional, progress: silent, signal };
  return withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal);
    await awaitArmed(stage);
    const play = playAb(LOAD);
    const rate = async (tag: string): Promise<number> => {
      const { requests, seconds } = await play(stage, tag);
      await awaitQuiet(stage);
      return requests / seconds;
    };
    const watchedRate = async (tag: string): Promise<number> => {
      const watched = await watchLab(lab);
      // What a page is sent is written down, as the server does.
      let sent = 0;
      const ends = Array.from({ length: READERS }, () =>
        watched.subscribe((message) => (sent += JSON.stringify(message).length)),
      );
      try {
        return await rate(tag);
      } finally {
        for (const end of ends) end();
        await watched.close();
      }
    };
    await rate('warm-up');
    await watchedRate('warm-up-watched');
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // Who is first changes, as the machine's pace does.
      const isWatchedFirst = round % 2 === 0;
      const first = await (isWatchedFirst ? watchedRate : rate)(`round-${round}-a`);
      const second = await (isWatchedFirst ? rate : watchedRate)(`round-${round}-b`);
      const pair: Pair = isWatchedFirst ? [first, second] : [second, first];
      pairs.push(pair);
      hear(pair);
    }
    const ratio = ratioOf(pairs);
    return { pairs, ratio, met: ratio.low >= RATIO_MIN };
  });
}

export const watchPairText = ([watched, alone]: Pair): string =>
  `${Math.round(watched)} requests a second with a watch, ${Math.round(alone)} without: ${(watched / alone).toFixed(3)}`;

export const watchCostText = ({ ratio, met }: WatchCost): string =>
  [
    `ratio         ${ratio.ratio.toFixed(3)} (${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}), promised is ${RATIO_MIN}`,
    met ? 'met' : ratio.high >= RATIO_MIN ? 'NOT SHOWN: more rounds, or a quieter machine' : 'MISSED',
  ].join('\n');
