import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** What reaches past the library, and why: its subject is inside, and no user has it to himself. */
const inside: Readonly<Record<string, string>> = {
  'e2e/browser/recorded-page.test.ts': 'the page of recordings, of messages that nobody recorded',
  'e2e/browser/watch-page.test.ts': 'the page of lab watch, of messages that nobody watched',
  'e2e/browser/watch.test.ts': 'the labs of lessons that a page begins',
  'e2e/copy/addresses.test.ts':
    'which devices of the host a mirror port stands between, and a doctor’s report',
  'e2e/copy/containers.test.ts': 'the variables of a Compose file, put in',
  'e2e/copy/loads.test.ts': 'the benchmark’s loads',
  'e2e/copy/offline.test.ts': 'captures of every format, written',
  'e2e/copy/options.test.ts': 'which client a share falls on',
  'e2e/copy/own-address.test.ts': 'the frames behind a verdict',
  'e2e/copy/path-mtu.test.ts': 'the frames behind a verdict',
  'e2e/lab/engines.test.ts': 'scenarios, and leaks that are planted, across engines',
  'e2e/lab/exams/main.ts': 'the exam, solved',
  'e2e/lab/exams/solve.ts': 'the exam, solved',
  'e2e/lab/lab-node.test.ts': 'the frames that lab capture writes, and containers as the engine has them',
  'e2e/lab/lessons.test.ts': 'lessons and the exam, solved',
  'e2e/lab/machines.test.ts': 'a leak that is planted on a machine',
  'e2e/lab/packages.test.ts': 'a verdict on programs that are in no node',
  'e2e/proof/doctor.test.ts': 'single steps of the plan, and a doctor’s report',
  'e2e/proof/ipv6.test.ts': 'leaks that are planted, in a lab without a copy',
  'e2e/proof/recordings.test.ts': 'what a recording holds',
  'e2e/proof/scenarios.test.ts': 'the catalogue, and leaks that are planted',
  'e2e/proof/verify-servers.test.ts': 'the evidence behind a verdict',
  'e2e/proof/verify-shipped.test.ts': 'the evidence behind a verdict',
  'e2e/stage/around.ts': 'what scenarios and planted leaks are played in',
  'e2e/stage/bare-machine.ts': 'the image of a server that has nothing of ours',
  'e2e/stage/copy-afresh.ts':
    'a copy that is taken down and started part by part, as a lab of its own would take seconds each time',
};

const IMPORT = /from '((?:\.\.\/)+(?:lab|src|test)\/[^']+)'/g;
const LIBRARY = /^(\.\.\/)+lab\/library(\/|$)/;

test('end-to-end tests use the library that users have, but for those whose subject is inside', () => {
  const files = readdirSync(join(root, 'e2e'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  const reaching = files.filter((file) => {
    const imports = [...readFileSync(join(root, file), 'utf8').matchAll(IMPORT)];
    return imports.some(([, target]) => !LIBRARY.test(target!));
  });
  expect(reaching.sort()).toEqual(Object.keys(inside));
});
