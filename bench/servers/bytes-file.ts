/** What nginx serves under /bytes: files of so many bytes. */
import type { LabNode } from '../../lab/engine/commands/lab';
import { BenchError } from '../stage/bench-error';

export interface BytesFile {
  readonly name: string;
  readonly bytes: number;
}

const FOLDER = '/run/www/bytes';

/** A restart of the lab's nginx gives its own files their sizes back. */
export async function writeBytesFile(node: LabNode, { name, bytes }: BytesFile): Promise<void> {
  const argv = ['truncate', '-s', String(bytes), `${FOLDER}/${name}`];
  const { exitCode, stderr } = await node.exec(argv);
  if (exitCode !== 0) throw new BenchError('STEP_FAILED', `${argv.join(' ')}: ${stderr.toString()}`);
}
