/** The PID file: who is running, in decimal. A living owner is respected, a dead one's file is taken over. */
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';

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

/** Writes our process id. @returns a function that removes the file again, if it is still ours */
export function claimPidFile(path: string): () => void {
  const owner = readPid(path);
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new PidFileError('already-running', `process ${owner} is running and owns ${path}; stop it first`);
  }
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (cause) {
    throw new PidFileError('cannot-write', `cannot write the PID file ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return () => {
    if (readPid(path) === process.pid) unlinkSync(path);
  };
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
