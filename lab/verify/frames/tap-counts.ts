/** Our own counting of a capture. */
import { CaptureFileError, packetsIn } from '../../../src/wire/capture/capture-file';
import { ethernetDestination } from './ethernet';
import { eachFrame } from './frames';
import { matcherOf, type Watch } from '../evidence/watch';

export function countWatches(capture: Uint8Array, watches: readonly Watch[]): Record<string, number> {
  const counters = watches.map((watch) => ({ watch, matches: matcherOf(watch), count: 0 }));
  eachFrame(capture, (frame) => {
    const { segment } = frame;
    if (!segment) return;
    for (const counter of counters) {
      const { hardware } = counter.watch;
      if (!counter.matches(segment)) continue;
      if (hardware === undefined || ethernetDestination(frame) === hardware) counter.count += 1;
    }
  });
  return Object.fromEntries(counters.map(({ watch, count }) => [watch.id, count]));
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
