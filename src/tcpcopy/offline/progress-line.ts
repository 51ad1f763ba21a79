/** How far a replay is, in one line that is written over again and again: on a terminal only. */
import { performance } from 'node:perf_hooks';

const EVERY_MS = 500;

export interface ProgressReading {
  readonly packets: number;
  /** Of the capture; undefined where it is not known how much there is. */
  readonly share: number | undefined;
  readonly sessions: number;
  readonly armed: boolean;
}

/** @returns a function that takes the line away */
export function showProgress(read: () => ProgressReading): () => void {
  if (!process.stderr.isTTY) return () => undefined;
  const started_ms = performance.now();
  let earlier = 0;
  const timer = setInterval(() => {
    const { packets, share, sessions, armed } = read();
    const rate = Math.round(((packets - earlier) * 1000) / EVERY_MS);
    earlier = packets;
    const time_s = ((performance.now() - started_ms) / 1000).toFixed(0);
    const state = armed ? `${rate.toLocaleString('en-US')} packets/s` : 'waiting for intercept';
    const percent = share === undefined ? '' : `${(share * 100).toFixed(0)} %, `;
    const text = `${percent}${packets.toLocaleString('en-US')} packets, ${time_s} s, ${state}, ${sessions} connections open`;
    // The cursor goes back to the line's start: a line of the log that comes now is written over it.
    process.stderr.write(`\x1b[K${text}\r`);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    process.stderr.write('\x1b[K');
  };
}
