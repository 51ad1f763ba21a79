/** Files and directories that results go to: tried before the work, as what cannot be written would be known only behind it. */
import { access, constants, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ReportFileError, tryToWrite, writeReportFile } from '../../../src/report/files';
import { UsageError } from './usage-error';

const isThere = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST';

/** @param files by the options that name them; the last directory of a path is made @throws UsageError */
export async function prepareFiles(files: Readonly<Record<string, string | undefined>>): Promise<void> {
  for (const [option, file] of Object.entries(files)) {
    if (file === undefined) continue;
    await refusing(option, async () => {
      await mkdir(dirname(file)).catch((error: unknown) => {
        if (!isThere(error)) throw error;
      });
      await tryToWrite(file);
    });
  }
}

/** Makes it, if it is not there. @throws UsageError */
export async function prepareFolder(option: string, folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  await refusing(option, async () => {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  });
}

/** @throws UsageError */
export const writeResult = (option: string, file: string, text: string): Promise<void> =>
  refusing(option, () => writeReportFile(file, text));

/** @param option without its dashes @throws UsageError in the place of what the system says */
export async function refusing(option: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(
      `--${option}${error instanceof ReportFileError ? `: ${message}` : ` cannot be written: ${message}`}.`,
      'Name another place, or make room there.',
    );
  }
}
