/** How long this program waits for a core when it is to run, by the kernel's count (Documentation/scheduler/sched-stats). */
import { openSync, readSync } from 'node:fs';

/** Three numbers: nanoseconds that the thread ran, nanoseconds that it waited for a core, and how often it was given one. */
const FILE = '/proc/thread-self/schedstat';
const TEXT_MAX_BYTES = 64;

export class CoreWait {
  #waited_ns = 0;
  #runs = 0;

  /** @param read the kernel's count as a text; undefined where it has none */
  constructor(private readonly read: () => string | undefined) {}

  /** Of each time that it was given a core since this was last asked, in µs; undefined where it was none, or nobody counts. */
  mean_us(): number | undefined {
    const [, waited_ns = NaN, runs = NaN] = (this.read() ?? '').split(' ').map(Number);
    const mean_us = (waited_ns - this.#waited_ns) / (runs - this.#runs) / 1000;
    this.#waited_ns = waited_ns;
    this.#runs = runs;
    return Number.isFinite(mean_us) ? mean_us : undefined;
  }
}

/** Of the thread that calls this. */
export function ownCoreWait(): CoreWait {
  const bytes = Buffer.alloc(TEXT_MAX_BYTES);
  let descriptor: number;
  try {
    descriptor = openSync(FILE, 'r');
  } catch {
    // A kernel without CONFIG_SCHED_INFO.
    return new CoreWait(() => undefined);
  }
  return new CoreWait(() => bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, TEXT_MAX_BYTES, 0)));
}
