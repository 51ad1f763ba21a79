/** What this process has resident of its own executable. */
import { readFileSync } from 'node:fs';
import type { Kernel } from './kernel';

/** A mapping of the executable that only reads it: whatever is not resident is read again. */
export interface Mapping {
  readonly address: number;
  readonly length: number;
}

/** linux/mman.h */
const MADV_DONTNEED = 4;

/**
 * Gives back the pages of the executable that are resident: most were needed to start, and never again. What still is needed
 * comes back from the page cache when it is touched.
 */
export function leaveStartBehind({ libc }: Kernel): void {
  const executable = process.execPath;
  for (const { address, length } of readOnlyMappings(readFileSync('/proc/self/smaps', 'utf8'), executable))
    libc.madvise(address, length, MADV_DONTNEED);
}

/**
 * Those that hold nothing but what is in the file; one that has been written to, as the dynamic linker does before it makes it read-only, must
 * not be given back.
 *
 * @param smaps as in proc(5), /proc/pid/smaps
 */
export function readOnlyMappings(smaps: string, executable: string): Mapping[] {
  const entries = smaps.split(/^(?=[\da-f]+-[\da-f]+ )/m);
  return entries.flatMap((entry) => {
    const [, from, to, rights, file] = /^([\da-f]+)-([\da-f]+) (\S+) \S+ \S+ \S+ *(.*)$/m.exec(entry) ?? [];
    const anonymous_kb = /^Anonymous: +(\d+) kB$/m.exec(entry)?.[1];
    if (file !== executable || anonymous_kb !== '0' || !/^r-[x-]p$/.test(rights!)) return [];
    const address = Number.parseInt(from!, 16);
    return [{ address, length: Number.parseInt(to!, 16) - address }];
  });
}
