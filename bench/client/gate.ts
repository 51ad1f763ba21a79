/** Where a client waits for who measures it: it puts a file there, and goes on when that was taken away. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the file holds when the client is to go no further. */
export const NO_FURTHER = 'no further';

const POLL_MS = 10;

/**
 * @param file undefined is a gate that stands open
 * @throws Error when there is to be no more
 */
export async function passGate(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  // It may be there already, and say that there is to be no more.
  if (!existsSync(file)) writeFileSync(file, '');
  for (let said = contentOf(file); said !== undefined; said = contentOf(file)) {
    if (said === NO_FURTHER) throw new Error('ended at the gate');
    await sleep(POLL_MS);
  }
}

/** Undefined when it is gone, which it can be at any moment. */
function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure;
  }
}
