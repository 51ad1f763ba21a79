/** Files that reports go to: tried before the work, as what cannot be written would be known only behind it, and named where it fails. */
import { open, rm, stat, writeFile } from 'node:fs/promises';

/** `message` says which file, and why. */
export class ReportFileError extends Error {
  override readonly name = 'ReportFileError';
}

/** Changes nothing that is there, and leaves nothing. @throws ReportFileError */
export async function tryToWrite(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  // A pipe's reader would take the try for the end; a device has nothing to lose.
  if (found && !found.isFile() && !found.isDirectory()) return;
  await named(file, async () => {
    await (await open(file, 'a')).close();
    if (!found) await rm(file);
  });
}

/** @throws ReportFileError */
export const writeReportFile = (file: string, text: string): Promise<void> =>
  named(file, () => writeFile(file, text));

/** What the system says does not always name it, as where a disk is full. */
async function named(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new ReportFileError(`${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
