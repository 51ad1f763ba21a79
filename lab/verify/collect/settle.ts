/** Waits until the test server has caught up: not for a fixed time, but as long as it makes progress. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface SettleOptions {
  /** Given up after so long without progress. */
  readonly patience_ms: number;
  /** What comes late is looked for so long after the last request: a second delivery, a response sent again. */
  readonly linger_ms: number;
}

const POLL_MS = 50;

/** @param count requests that the test server has carried out */
export async function settle(
  count: () => Promise<number>,
  expected: number,
  { patience_ms, linger_ms }: SettleOptions,
  signal: AbortSignal,
): Promise<void> {
  let reached = await count();
  let progressAt_ms = performance.now();
  while (reached < expected && performance.now() - progressAt_ms < patience_ms) {
    await sleep(POLL_MS, undefined, { signal });
    const now = await count();
    if (now > reached) progressAt_ms = performance.now();
    reached = now;
  }
  await sleep(linger_ms, undefined, { signal });
}
