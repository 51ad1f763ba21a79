/** Files that the lab's servers do not have by themselves. */
import { writeBytesFile } from '../servers/bytes-file';
import type { Stage } from '../stage/stage';
import { dimensions } from './dimensions';

export async function prepareFiles({ online, test }: Stage): Promise<void> {
  const files = dimensions.flatMap(({ points }) => points.flatMap(({ file }) => file ?? []));
  for (const node of [online, test]) for (const file of files) await writeBytesFile(node, file);
}
