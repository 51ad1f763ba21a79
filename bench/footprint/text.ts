/** What the programs take of a machine, as a table, held against what is promised of the package. */
import { tableOf } from '../figures/table';
import type { Footprint } from './footprint';
import type { Residence } from './residence';

/** Of each program, and of the median of the starts. */
export const PROMISED = { rest_bytes: 60e6, loaded_bytes: 120e6, start_ms: 150 } as const;

export interface FootprintRequirement {
  readonly text: string;
  readonly met: boolean;
}

const larger = ({ tcpcopy_bytes, intercept_bytes }: Residence): number =>
  Math.max(tcpcopy_bytes, intercept_bytes);

/** NaN where no start was measured. */
export const startOf = ({ starts_ms }: Footprint): number =>
  starts_ms[Math.floor(starts_ms.length / 2)] ?? NaN;

export function footprintRequirements(measured: readonly Footprint[]): FootprintRequirement[] {
  const ours = measured.find(({ id }) => id === 'package');
  if (!ours) return [];
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  const atMost = (what: string, value: number, max: number, unit: (value: number) => string) => ({
    text: `${what}: ${unit(value)}, promised are at most ${unit(max)}`,
    met: value <= max,
  });
  return [
    atMost('at rest', larger(ours.rest), PROMISED.rest_bytes, megabytes),
    atMost('under the load', larger(ours.loaded), PROMISED.loaded_bytes, megabytes),
    atMost('until it copies', startOf(ours), PROMISED.start_ms, (value) => `${value.toFixed(0)} ms`),
  ];
}

export function footprintText(measured: readonly Footprint[]): string {
  const headings = [
    'programs',
    'tcpcopy at rest',
    'intercept at rest',
    'tcpcopy loaded',
    'intercept loaded',
    'start',
    'size',
  ];
  const rows = measured.map((one) => [
    one.id,
    one.rest.tcpcopy_bytes / 1e6,
    one.rest.intercept_bytes / 1e6,
    one.loaded.tcpcopy_bytes / 1e6,
    one.loaded.intercept_bytes / 1e6,
    startOf(one),
    one.installed_bytes / 1e6,
  ]);
  return [
    'MB resident, ms until it copies, MB on the disk; the load is ab -k -c 100',
    tableOf(headings, rows, { 1: 1, 2: 1, 3: 1, 4: 1, 6: 1 }),
    '',
    ...footprintRequirements(measured).map(({ text, met }) => `${met ? 'met   ' : 'MISSED'}  ${text}`),
  ].join('\n');
}
