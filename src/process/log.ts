/**
 * The log: one JSON object a line, with the time, the program, a level, what happened, and what to do next.
 *
 * Losing a line (disk full, file gone) never disturbs the program: it is counted, and told with the next line that can
 * be written.
 */
import { closeSync, constants, fstatSync, writeSync } from 'node:fs';
import { openToWrite } from './own-file';

export type Level = 'info' | 'warning' | 'error';
export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  info(event: string, fields?: Fields): void;
  /** @param fields `next` says what the reader can do about it */
  warning(event: string, fields: Fields & { readonly next: string }): void;
  error(event: string, fields: Fields & { readonly next: string }): void;
}

const STANDARD_ERROR = 2;

/** What the journal takes from the beginning of a line (sd-daemon(3)). */
const PRIORITIES: Readonly<Record<Level, string>> = { info: '<6>', warning: '<4>', error: '<3>' };

/** JOURNAL_STREAM names device and inode of what is connected to the journal (systemd.exec(5)). */
function isJournal(descriptor: number): boolean {
  const { JOURNAL_STREAM: stream } = process.env;
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return stream === `${dev}:${ino}`;
}

function openLogFile(file: string): number {
  try {
    return openToWrite(file, constants.O_WRONLY | constants.O_APPEND, true);
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`cannot write the log ${file}: ${message}`, { cause });
  }
}

/** Writes to the file, or to standard error when there is none. @throws an Error that names the file when it cannot be opened */
export function openLog(program: string, file: string | undefined): Log & { close(): void } {
  const descriptor = file === undefined ? STANDARD_ERROR : openLogFile(file);
  const priorities = isJournal(descriptor);
  let lost = 0;
  const write = (level: Level, event: string, fields: Fields): void => {
    const line = { time: new Date().toISOString(), program, level, event, ...fields };
    const priority = priorities ? PRIORITIES[level] : '';
    try {
      writeSync(
        descriptor,
        `${priority}${JSON.stringify(lost > 0 ? { ...line, lines_lost: lost } : line)}\n`,
      );
      lost = 0;
    } catch {
      lost += 1;
    }
  };
  return {
    info: (event, fields = {}) => write('info', event, fields),
    warning: (event, fields) => write('warning', event, fields),
    error: (event, fields) => write('error', event, fields),
    close: () => {
      if (descriptor !== STANDARD_ERROR) closeSync(descriptor);
    },
  };
}
