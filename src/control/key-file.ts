/** The file that keys stand in: made for its owner alone, and read only where nobody else can have read or changed it. */
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { parseKeys, type Key } from './sealed/key';

const FILE_MAX_BYTES = 64 * 1024;
/** All that a mode may have: to be read and written by its owner. */
const OWNERS_ALONE = 0o600;
const ROOT = 0;

/** `message` names the file, the place in it, and what mends it. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** @returns at least one key @throws KeyFileError */
export function readKeyFile(path: string): readonly Key[] {
  const { keys, faults } = parseKeys(readAlone(path));
  if (faults.length > 0)
    throw new KeyFileError(
      faults.map(({ line, why }) => `key file ${path}, line ${line}: ${why}`).join('; '),
    );
  return keys;
}

/** Makes a file that was not there. @throws KeyFileError */
export function createKeyFile(path: string, text: string): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, OWNERS_ALONE);
    try {
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'EEXIST'
        ? 'is there already, and is not written over: name another, or add a line to it (tcpcopy keygen prints one)'
        : `cannot be made: ${message}`;
    throw new KeyFileError(`key file ${path} ${why}`, { cause });
  }
}

/** The text of a file that is its owner's alone. What is looked at and what is read is the same file, whatever becomes of its name. */
function readAlone(path: string): string {
  const descriptor = openAlone(path);
  try {
    const status = fstatSync(descriptor);
    const { mode, uid, size } = status;
    const refuse = (why: string): never => {
      throw new KeyFileError(`key file ${path} ${why}`);
    };
    if (!status.isFile()) refuse('is no file: name the file that holds the keys');
    const own = process.geteuid?.() ?? uid;
    if (uid !== own && uid !== ROOT)
      refuse(`belongs to user ${uid}, who may change it: chown it to user ${own}, who runs this program`);
    const permissions = mode & 0o7777;
    if ((permissions & ~OWNERS_ALONE) !== 0)
      refuse(
        `has mode ${permissions.toString(8).padStart(4, '0')}, so that others may use it: chmod 600 ${path}`,
      );
    if (size > FILE_MAX_BYTES)
      refuse(`has ${size} bytes, at most ${FILE_MAX_BYTES} are read: is it a key file?`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function openAlone(path: string): number {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    // A pipe in its place would keep the program waiting for somebody who writes.
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ELOOP'
        ? 'is a link, and links are not followed: name the file itself'
        : code === 'ENOENT'
          ? `is not there: it is the same on both machines; tcpcopy keygen ${path} makes one, on either of them`
          : `cannot be read: ${message}`;
    throw new KeyFileError(`key file ${path} ${why}`, { cause });
  }
}
