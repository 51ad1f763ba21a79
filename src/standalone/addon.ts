/** A native addon that is no file of its own: it becomes one without a name, of which nothing is left, however the process ends. */
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** open(2), asm-generic/fcntl.h: with O_DIRECTORY it is O_TMPFILE. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/** In this order; where one lets nothing be written or executed, the next is taken. */
const FOLDERS = ['/dev/shm', '/run', '/tmp', '/var/tmp'];

/** @throws Error that tells what each folder refused */
export function loadAddon(bytes: Uint8Array, folders: readonly string[] = FOLDERS): unknown {
  const refused: string[] = [];
  for (const folder of folders) {
    for (const load of [loadNameless, loadNamed]) {
      try {
        return load(bytes, folder);
      } catch (error) {
        refused.push(`${folder}: ${(error as Error).message.split('\n')[0] ?? ''}`);
      }
    }
  }
  throw new Error(
    `it can be written and executed in none of these (give it a tmpfs that is not noexec): ${refused.join('; ')}`,
  );
}

function loadNameless(bytes: Uint8Array, folder: string): unknown {
  const descriptor = openSync(folder, O_TMPFILE | constants.O_RDWR, 0o600);
  try {
    writeAll(descriptor, bytes);
    return loadFile(`/proc/self/fd/${descriptor}`);
  } finally {
    closeSync(descriptor);
  }
}

/** Where the file system knows no files without a name, such as overlayfs before Linux 6.3. */
function loadNamed(bytes: Uint8Array, folder: string): unknown {
  const own = mkdtempSync(join(folder, 'tcpcopy-lab-'));
  try {
    const file = join(own, 'addon.node');
    const descriptor = openSync(file, 'wx', 0o600);
    try {
      writeAll(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
    return loadFile(file);
  } finally {
    rmSync(own, { recursive: true });
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

function loadFile(file: string): unknown {
  const addon = { exports: {} as unknown };
  process.dlopen(addon, file);
  return addon.exports;
}
