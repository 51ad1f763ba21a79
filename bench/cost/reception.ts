/**
 * How much of a program's own time is spent on receiving, as perf samples it: what of the other end's work is left in a
 * figure although links have threads of their own (bench/stage/delivery.ts).
 */
import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SAMPLES_A_SECOND = '997';
/** Where a packet that came over a virtual link is handled (net/core/dev.c). */
const RECEPTION = 'net_rx_action';

/** Samples these processes; calling what it resolves with tells the share, which is not a number where perf has none. */
export async function sampleReception(pids: readonly number[]): Promise<() => Promise<number>> {
  const directory = await mkdtemp(join(tmpdir(), 'tcpcopy-lab-perf-'));
  const file = join(directory, 'data');
  const record = ['record', '-q', '-g', '-F', SAMPLES_A_SECOND, '-o', file, '-p', pids.join(',')];
  const perf = execa('perf', record, { reject: false });
  return async () => {
    perf.kill('SIGINT');
    await perf;
    const report = ['report', '-i', file, '--children', '-g', 'none', '--sort', 'symbol', '--stdio'];
    const { stdout } = await execa('perf', report, { reject: false });
    await rm(directory, { recursive: true });
    return receptionIn(stdout);
  };
}

/** @param report of `perf report --children --sort symbol`: each line has shares with and without what it calls, in % */
export function receptionIn(report: string): number {
  if (!/^ +\d/m.test(report)) return NaN;
  const share = new RegExp(`^ +([\\d.]+)% .*\\b${RECEPTION}\\b`, 'm').exec(report)?.[1];
  return share === undefined ? 0 : Number(share) / 100;
}
