/** Waits for what comes about by itself. */
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;

/**
 * @param otherwise tells how it stands instead, where it does not come about
 * @throws Error when it has not come about in time
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  within_ms = 30_000,
  otherwise?: () => Promise<string>,
): Promise<void> {
  const deadline_ms = performance.now() + within_ms;
  while (!(await holds())) {
    if (performance.now() > deadline_ms) {
      const instead = otherwise ? `:\n${await otherwise()}` : '';
      throw new Error(`it did not come about within ${within_ms} ms${instead}`);
    }
    await sleep(PAUSE_MS);
  }
}
