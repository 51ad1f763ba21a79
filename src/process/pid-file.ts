/** The PID file: who is running, in decimal. A living owner is respected, a dead one's file is taken over; links are not followed. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { openToWrite } from './own-file';

export class PidFileError extends Error {
  override readonly name = 'PidFileError';
  constructor(
    readonly code: 'already-running' | 'cannot-write',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Writes our process id. @returns a function that removes the file again, if it is still ours @throws PidFileError */
export function claimPidFile(path: string): () => void {
  const descriptor = open(path);
  try {
    const owner = readPid(descriptor);
    if (owner !== undefined && owner !== process.pid && isAlive(owner))
      throw new PidFileError(
        'already-running',
        `process ${owner} is running and owns ${path}; stop it first`,
      );
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`, 0);
  } catch (cause) {
    throw cause instanceof PidFileError ? cause : cannotWrite(path, cause);
  } finally {
    closeSync(descriptor);
  }
  return () => {
    if (isOurs(path)) unlinkSync(path);
  };
}

function open(path: string): number {
  try {
    return openToWrite(path, constants.O_RDWR);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

const cannotWrite = (path: string, cause: unknown): PidFileError =>
  new PidFileError('cannot-write', `cannot write the PID file ${path}: ${(cause as Error).message}`, {
    cause,
  });

/** Whatever stands there now. */
function isOurs(path: string): boolean {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return fstatSync(descriptor).isFile() && readPid(descriptor) === process.pid;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}

function readPid(descriptor: number): number | undefined {
  const pid = Number(readFileSync(descriptor, 'utf8').trim());
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
