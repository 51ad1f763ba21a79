/** HTTP/2, with and without the copy in turn, since the machine's pace changes all the time. */
import { compareRates } from '../figures/rates';
import { awaitArmed, startCopying, stopCopying } from '../stage/stage';
import { playH2, type H2Shape } from '../tools/h2load';
import { measureExactly } from './exactly';
import type { Load } from './load';
import type { LoadName } from './load-name';
import { together, type Row } from './row';

/** Of the rate without the copy. */
const RATE_SHARE_MIN = 0.9;

export interface H2Load extends LoadName, H2Shape {
  /** With the copy, and as often without it; at least 1. */
  readonly turns: number;
  /** False: the rates are told, and decide nothing. */
  readonly rateDecides: boolean;
}

export function h2Load({ connections, streams, requests, turns, rateDecides, ...named }: H2Load): Load {
  const load = { ...named, labKind: 'http2' as const };
  const play = playH2({ connections, streams, requests });
  return {
    ...load,
    async measure(stage) {
      const rows: Row[] = [];
      const without: number[] = [];
      for (let turn = 0; turn < turns; turn += 1) {
        await stopCopying(stage);
        const { requests: answered, seconds } = await play(stage, 'bench/uncopied');
        without.push(answered / seconds);
        await startCopying(stage);
        await awaitArmed(stage);
        rows.push(await measureExactly(load, stage, play));
      }
      const { share, text } = compareRates(
        rows.map(({ rate }) => rate),
        without,
      );
      const row = together(rows as [Row, ...Row[]]);
      const pace = share >= RATE_SHARE_MIN || !rateDecides;
      return { ...row, exact: row.exact && pace, notes: [text, ...row.notes] };
    },
  };
}
