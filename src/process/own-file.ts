/**
 * Files that a command line names, opened so that nobody else's is meant: what is written to is no link, and what is read is
 * no link to a file that another user may change. What is looked at and what is used is the same file, whatever becomes of its name.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const ROOT = 0;

/** `message` says of which file, and what mends it. */
export class OwnFileError extends Error {
  override readonly name = 'OwnFileError';
}

/**
 * Opens a file to be written, and makes it where it is not there.
 *
 * @param how as of open(2): O_WRONLY or O_RDWR, and O_APPEND
 * @param mayBeDevice such as /dev/null
 * @returns the descriptor
 * @throws OwnFileError for what is no file of one name, and the system's error
 */
export function openToWrite(path: string, how: number, mayBeDevice = false): number {
  return opened(path, how | O_CREAT | O_NOFOLLOW, (status) => {
    if (mayBeDevice && status.isCharacterDevice()) return undefined;
    if (!status.isFile()) return whatItIs(status);
    if (status.nlink > 1)
      return 'has further names (hard links), and may be another file: name one of its own';
    return undefined;
  });
}

/** @returns its text @throws OwnFileError, and the system's error */
export function readNamed(path: string): string {
  const isLink = isSymbolic(path);
  const descriptor = opened(path, O_RDONLY, (status) => {
    if (!status.isFile()) return whatItIs(status);
    const { uid, nlink } = status;
    const isOurs = uid === ROOT || uid === (process.geteuid?.() ?? uid);
    if (isOurs || (!isLink && nlink === 1)) return undefined;
    return `is a link to a file of user ${uid}, who may change it: name that file itself, or copy it`;
  });
  try {
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function isSymbolic(path: string): boolean {
  try {
    closeSync(openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ELOOP';
  }
}

/** @param why what is wrong with it, or undefined */
function opened(path: string, flags: number, why: (status: Stats) => string | undefined): number {
  let descriptor: number;
  try {
    // A pipe in its place would keep the program waiting for whoever is at its other end.
    descriptor = openSync(path, flags | O_NONBLOCK);
  } catch (cause) {
    const said = REFUSALS[(cause as NodeJS.ErrnoException).code ?? ''];
    if (said === undefined) throw cause;
    throw new OwnFileError(`${path} ${said}`, { cause });
  }
  const fault = why(fstatSync(descriptor));
  if (fault === undefined) return descriptor;
  closeSync(descriptor);
  throw new OwnFileError(`${path} ${fault}`);
}

const whatItIs = (status: Stats): string =>
  status.isDirectory() ? DIRECTORY : status.isFIFO() ? PIPE : 'is no file: name a file';

const DIRECTORY = 'is a directory: name a file in it';
const PIPE = 'is a pipe or a socket: name a file';

/** Of open(2), with these flags. */
const REFUSALS: Readonly<Record<string, string>> = {
  ELOOP: 'is a link, and links are not followed: name the file itself',
  EISDIR: DIRECTORY,
  // A pipe that nobody reads, or a socket.
  ENXIO: PIPE,
};
