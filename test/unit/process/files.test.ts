import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../../src/process/log';
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
