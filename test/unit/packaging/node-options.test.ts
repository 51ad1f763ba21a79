import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../lab/engine/images/places';
import { NODE_OPTIONS } from '../../../packaging/executable/executable';

/** What stands between Node and the script that it runs. */
const optionsIn = (path: string): string[] => {
  const line = readFileSync(join(projectRoot, path), 'utf8')
    .split('\n')
    .find((text) => text.startsWith('exec /opt/tcpcopy-lab/bin/'));
  return line?.split(' ').filter((word) => word.startsWith('--')) ?? [];
};

test.each(['tcpcopy', 'intercept'])('%s runs in the nodes of a lab by the options of the package', (name) => {
  expect(optionsIn(`images/sbin/${name}`)).toEqual(NODE_OPTIONS);
});
