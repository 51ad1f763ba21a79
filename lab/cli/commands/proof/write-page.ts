/** Recordings as a file. */
import type { Recording } from '../../../web/messages/recording';
import { writeResult } from '../../options/result-files';
import { tell } from '../../terminal/output';

/** Writes recordings as one page, and says where. */
export async function writePage(file: string, recordings: readonly Recording[]): Promise<void> {
  const { recordingsPage } = await import('../../../web/record/html');
  const page = await recordingsPage(recordings);
  await writeResult('html', file, page);
  tell(`Written: ${file} (${Math.ceil(page.length / 1000)} kB). A browser opens it, without any lab.`);
}
