/** Files that the lab's servers do not have by themselves. */
import { BenchError } from '../stage/bench-error';
import type { Stage } from '../stage/stage';
import { dimensions } from './dimensions';

/** Where the lab's nginx finds what is asked for under /bytes. */
const FOLDER = '/run/www/bytes';

export async function prepareFiles({ online, test }: Stage): Promise<void> {
  const files = dimensions.flatMap(({ points }) => points.flatMap(({ file }) => file ?? []));
  for (const node of [online, test]) {
    for (const { name, bytes } of files) {
      const argv = ['truncate', '-s', String(bytes), `${FOLDER}/${name}`];
      const { exitCode, stderr } = await node.exec(argv);
      if (exitCode !== 0) throw new BenchError('STEP_FAILED', `${argv.join(' ')}: ${stderr.toString()}`);
    }
  }
}
