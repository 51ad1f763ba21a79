/** The files that programs are named: what they hold, and what is refused where a name leads to somebody else's. */
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../../src/process/log';
import { createKeyFile, readKeyFile } from '../../../src/control/key-file';
import { drawKey, formatKeys } from '../../../src/control/sealed/key';
import { readConfig } from '../../../src/process/config-file';
import { claimPidFile } from '../../../src/process/pid-file';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('the PID file', () => {
  test('holds our process id and is removed with us', () => {
    const path = join(folder, 'pid');
    const release = claimPidFile(path);
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
    release();
    expect(existsSync(path)).toBe(false);
  });

  test('of a living process is respected', () => {
    const path = join(folder, 'pid');
    writeFileSync(path, `${process.ppid}\n`);
    expect(() => claimPidFile(path)).toThrow(expect.objectContaining({ code: 'already-running' }));
    expect(readFileSync(path, 'utf8')).toBe(`${process.ppid}\n`);
  });

  test.each(['4194300\n', 'nonsense', ''])('with %j in it is taken over', (content) => {
    const path = join(folder, 'pid');
    writeFileSync(path, content);
    claimPidFile(path)();
    expect(existsSync(path)).toBe(false);
  });

  test('that somebody else took over meanwhile is left alone', () => {
    const path = join(folder, 'pid');
    const release = claimPidFile(path);
    writeFileSync(path, '1\n');
    release();
    expect(existsSync(path)).toBe(true);
  });

  test('that cannot be written is an error that names it', () => {
    expect(() => claimPidFile(join(folder, 'none', 'pid'))).toThrow(/none\/pid/);
  });
});

describe('the log', () => {
  test('is one JSON object a line, with what to do next', () => {
    const path = join(folder, 'log');
    const log = openLog('tcpcopy', path);
    log.info('started', { pid: 1 });
    log.warning('waiting', { next: 'start intercept' });
    log.close();
    const lines = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { program: 'tcpcopy', level: 'info', event: 'started', pid: 1 },
      { level: 'warning', event: 'waiting', next: 'start intercept' },
    ]);
  });

  test('that cannot be written any more disturbs nobody', () => {
    const log = openLog('tcpcopy', '/dev/full');
    expect(() => log.info('lost')).not.toThrow();
    log.close();
  });

  test('that cannot be opened is an error', () => {
    expect(() => openLog('tcpcopy', join(folder, 'none', 'log'))).toThrow(/ENOENT/);
  });
});

const SECRET = 'of somebody else\n';

/** What stands at a name in the place of a file, beside the file that somebody else has. */
const PLANTED = {
  'a link': (path: string, theirs: string) => symlinkSync(theirs, path),
  'a link to nothing': (path: string) => symlinkSync(join(folder, 'made'), path),
  'a hard link': (path: string, theirs: string) => linkSync(theirs, path),
  'a directory': (path: string) => mkdirSync(path),
  'a pipe': (path: string) => void spawnSync('mkfifo', [path]),
} as const;

/** @returns the name at which it stands, and a look at what it could have harmed */
function plant(what: keyof typeof PLANTED) {
  const theirs = join(folder, 'theirs');
  writeFileSync(theirs, SECRET, { mode: 0o600 });
  const path = join(folder, 'named');
  PLANTED[what](path, theirs);
  const before = lstatSync(path).mode;
  const isUnharmed = (): boolean =>
    readFileSync(theirs, 'utf8') === SECRET &&
    lstatSync(path).mode === before &&
    !existsSync(join(folder, 'made'));
  return { path, isUnharmed };
}

/** What each name that writing would follow is refused as. */
const REFUSED: readonly [keyof typeof PLANTED, RegExp][] = [
  ['a link', /named is a link, and links are not followed: name the file itself/],
  ['a link to nothing', /named is a link, and links are not followed/],
  ['a hard link', /named has further names \(hard links\), and may be another file/],
  ['a directory', /named is a directory: name a file in it/],
  ['a pipe', /named is a pipe or a socket: name a file/],
];

describe.each(REFUSED)('%s', (what, refusal) => {
  test('in the place of the PID file is refused by name, and left as it is', () => {
    const { path, isUnharmed } = plant(what);
    expect(() => claimPidFile(path)).toThrow(refusal);
    expect(isUnharmed()).toBe(true);
  });

  test('in the place of the log is refused by name, and left as it is', () => {
    const { path, isUnharmed } = plant(what);
    expect(() => openLog('tcpcopy', path)).toThrow(refusal);
    expect(isUnharmed()).toBe(true);
  });

  test('in the place of a key file that is made is refused by name, and left as it is', () => {
    const { path, isUnharmed } = plant(what);
    expect(() => createKeyFile(path, 'key')).toThrow(/key file .*named is there already/);
    expect(isUnharmed()).toBe(true);
  });

  test('that takes the place of our PID file while we run is left as it is', () => {
    const path = join(folder, 'named');
    const release = claimPidFile(path);
    rmSync(path);
    const { isUnharmed } = plant(what);
    release();
    expect(isUnharmed()).toBe(true);
  });
});

describe('a key file', () => {
  const text = formatKeys([{ ...drawKey(new Date()), id: 'ours' }]);
  test.each<[keyof typeof PLANTED, RegExp]>([
    ['a link', /is a link, and links are not followed/],
    ['a link to nothing', /is a link, and links are not followed/],
    ['a directory', /is no file/],
    ['a pipe', /is no file/],
  ])('that is %s is not read', (what, refusal) => {
    expect(() => readKeyFile(plant(what).path)).toThrow(refusal);
  });

  test('that has a further name is read: it is its owner’s alone by each of them', () => {
    const path = join(folder, 'key');
    createKeyFile(path, text);
    linkSync(path, join(folder, 'further'));
    expect(readKeyFile(join(folder, 'further'))).toMatchObject([{ id: 'ours' }]);
  });
});

describe('a configuration file', () => {
  const specs = [{ long: 'percentage', value: '1-100', group: '', help: '' }];
  const configured = (path: string) => readConfig(specs, path);

  test('may be a link to a file that is ours or root’s: nothing is written to it', () => {
    const path = join(folder, 'conf');
    writeFileSync(path, 'percentage = 5\n');
    symlinkSync(path, join(folder, 'link'));
    linkSync(path, join(folder, 'further'));
    for (const name of ['conf', 'link', 'further'])
      expect(configured(join(folder, name))).toMatchObject({ faults: [] });
  });

  test.each<[keyof typeof PLANTED, RegExp]>([
    ['a directory', /--config cannot be read: .*named is a directory/],
    ['a pipe', /--config cannot be read: .*named is a pipe/],
    ['a link to nothing', /--config cannot be read: .*ENOENT/],
  ])('that is %s is refused by name', (what, refusal) => {
    expect(configured(plant(what).path).faults).toEqual([expect.stringMatching(refusal)]);
  });

  // Only root can give a file to somebody else.
  const asRoot = process.geteuid?.() === 0 ? test : test.skip;
  asRoot.each(['a link', 'a hard link'] as const)(
    'that is %s to a file of another user is refused, and nothing of it is told',
    (what) => {
      const { path } = plant(what);
      chownSync(join(folder, 'theirs'), 4242, 4242);
      const { faults } = configured(path);
      expect(faults).toEqual([
        expect.stringMatching(/named is a link to a file of user 4242, who may change it/),
      ]);
      expect(faults.join()).not.toContain('somebody');
    },
  );

  asRoot('of another user that is named itself is read', () => {
    const path = join(folder, 'conf');
    writeFileSync(path, 'percentage = 5\n');
    chownSync(path, 4242, 4242);
    expect(configured(path).faults).toEqual([]);
  });
});
