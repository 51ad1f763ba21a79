/** Our own counting of a capture. */
import { CaptureFileError, packetsIn } from '../../src/wire/capture-file';
import { eachFrame } from './frames';
import { matcherOf, type Watch } from './watch';

export function countWatches(capture: Uint8Array, watches: readonly Watch[]): Record<string, number> {
  const counters = watches.map((watch) => ({ id: watch.id, matches: matcherOf(watch), count: 0 }));
  eachFrame(capture, ({ segment }) => {
    if (!segment) return;
    for (const counter of counters) if (counter.matches(segment)) counter.count += 1;
  });
  return Object.fromEntries(counters.map(({ id, count }) => [id, count]));
}

/** What is wrong with the file itself, or undefined. */
export function damageOf(capture: Uint8Array): string | undefined {
  try {
    const packets = packetsIn(capture);
    while (!packets.next().done);
    return undefined;
  } catch (error) {
    if (error instanceof CaptureFileError) return error.message;
    throw error;
  }
}
