/** `h2load`: HTTP/2 in clear text, with and without the copy in turn, since the machine's pace changes all the time. */
import { compareRates } from '../rates';
import type { Row } from '../row';
import { awaitArmed, startCopying, stopCopying, type Stage } from '../stage';
import { measureExactly } from './exactly';
import type { Load, Played } from './load';
import { numberIn, runClient } from './run-client';

const TIMEOUT_MS = 120_000;
/** Of the rate without the copy. */
const RATE_SHARE_MIN = 0.9;

export interface H2Load {
  readonly id: string;
  readonly title: string;
  readonly connections: number;
  /** At a time, in each connection. */
  readonly streams: number;
  readonly requests: number;
  /** With the copy, and as often without it. */
  readonly turns: number;
  /** False: the rates are told, and decide nothing. */
  readonly rateDecides: boolean;
}

export function h2Load({ connections, streams, requests, turns, rateDecides, ...described }: H2Load): Load {
  const load = { ...described, labKind: 'http2' as const };
  const play = (stage: Stage, tag: string): Promise<Played> =>
    h2load(stage, tag, ['-n', String(requests), '-c', String(connections), '-m', String(streams)]);
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
      const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
      return {
        ...rows.at(-1)!,
        online: sum(({ online }) => online),
        test: sum(({ test }) => test),
        missing: sum(({ missing }) => missing),
        doubled: sum(({ doubled }) => doubled),
        seconds: sum(({ seconds }) => seconds),
        rate: sum(({ online }) => online) / sum(({ seconds }) => seconds),
        lag_ms: Math.max(...rows.map(({ lag_ms }) => lag_ms)),
        exact: rows.every(({ exact }) => exact) && (share >= RATE_SHARE_MIN || !rateDecides),
        notes: [text, ...rows.flatMap(({ notes }) => notes)],
      };
    },
  };
}

async function h2load(stage: Stage, tag: string, sizes: readonly string[]): Promise<Played> {
  const { address, port } = stage.scene.online;
  const report = await runClient(stage, ['h2load', ...sizes, `http://${address}:${port}/${tag}`], TIMEOUT_MS);
  return {
    requests: numberIn(report, /(\d+) succeeded/),
    // `finished in 812.34ms` or `1.23s`.
    seconds:
      numberIn(report, /finished in ([\d.]+)(?:s|ms),/) / (/finished in [\d.]+ms/.test(report) ? 1000 : 1),
  };
}
