/** Where a report is written before it is put in its place. */
import { closeSync, constants, unlinkSync } from 'node:fs';
import { openToWrite } from '../../process/own-file';

export const besides = (path: string): string => `${path}.new`;

/** Known at the start, not when the first report is due. @throws an Error that names the file which cannot be written */
export function tryReports(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      closeSync(openToWrite(besides(path), constants.O_WRONLY));
      unlinkSync(besides(path));
    } catch (cause) {
      const { message } = cause as Error;
      throw new Error(`cannot write the report ${path} (--compare-out): ${message}`, { cause });
    }
  }
}
