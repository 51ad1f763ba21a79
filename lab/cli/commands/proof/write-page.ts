/** Recordings as a file. */
import { writeFile } from 'node:fs/promises';
import type { Recording } from '../../../web/messages/recording';
import { tell } from '../../terminal/output';

/** Writes recordings as one page, and says where. */
export async function writePage(file: string, recordings: readonly Recording[]): Promise<void> {
  const { recordingsPage } = await import('../../../web/record/html');
  const page = await recordingsPage(recordings);
  await writeFile(file, page);
  tell(`Written: ${file} (${Math.ceil(page.length / 1000)} kB). A browser opens it, without any lab.`);
}
