/**
 * A network namespace for a test: what it does to devices and addresses there disturbs nobody. It is the thread's that asks
 * for it, and so that of all sockets and commands of the test; needs root.
 */
import koffi from 'koffi';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

const CLONE_NEWNET = 0x40000000;
const libc = koffi.load('libc.so.6');
const unshare = libc.func('int unshare(int)') as (flags: number) => number;
const setns = libc.func('int setns(int, int)') as (descriptor: number, type: number) => number;

export const mayMakeNetworks = process.getuid?.() === 0;

/** @returns a function that goes back to the network before; what was opened here must be closed by then */
export function enterOwnNetwork(): () => void {
  const before = openSync('/proc/thread-self/ns/net', 'r');
  if (unshare(CLONE_NEWNET) !== 0) throw new Error('no network namespace can be made');
  return () => {
    if (setns(before, CLONE_NEWNET) !== 0) throw new Error('the way back is barred');
    closeSync(before);
  };
}

/** ip(8), a command a line. @returns what it prints */
export const ip = (...lines: readonly string[]): string =>
  execFileSync('ip', ['-details', '-batch', '-'], { input: lines.join('\n'), encoding: 'utf8' });
