/** How many of this machine's cores nobody uses, by the kernel's count (/proc/uptime of proc(5)). */
import { openSync, readSync } from 'node:fs';

/** Seconds since the machine was started, and seconds that its cores were idle, all together; both to a hundredth. */
const FILE = '/proc/uptime';
const TEXT_MAX_BYTES = 64;

export class IdleCores {
  #up_s = NaN;
  #idle_s = NaN;

  /** @param read the kernel's count as a text; undefined where there is none */
  constructor(private readonly read: () => string | undefined) {}

  /** Since this was last asked; undefined the first time, where nobody counts, and where no time has passed. */
  number(): number | undefined {
    const [up_s = NaN, idle_s = NaN] = (this.read() ?? '').split(' ').map(Number);
    const cores = (idle_s - this.#idle_s) / (up_s - this.#up_s);
    this.#up_s = up_s;
    this.#idle_s = idle_s;
    return Number.isFinite(cores) ? cores : undefined;
  }
}

/** The file stays open: it is read again and again. */
export function idleCores(): IdleCores {
  const bytes = Buffer.alloc(TEXT_MAX_BYTES);
  let descriptor: number;
  try {
    descriptor = openSync(FILE, 'r');
  } catch {
    return new IdleCores(() => undefined);
  }
  return new IdleCores(() => bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, TEXT_MAX_BYTES, 0)));
}
