/** What SIGHUP takes over of a configuration file that changed, and what it leaves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseInterceptOptions } from '../../../src/intercept/options';
import { changesBetween } from '../../../src/process/changes';
import type { CommonOptions } from '../../../src/process/common-options';
import type { Fields, Log } from '../../../src/process/log';
import { Reloading } from '../../../src/process/reload';
import type { Command } from '../../../src/process/run';
import { parseTcpcopyOptions, type TcpcopyOptions } from '../../../src/tcpcopy/options/options';

const LOCAL = {
  addresses: { has: () => false },
  smallestMtu_bytes: 1500,
  exists: () => false,
  matching: () => [],
};
const parse = (argv: readonly string[]): Command<TcpcopyOptions> => parseTcpcopyOptions(argv, LOCAL);

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A tcpcopy that runs by a file, and what came of each SIGHUP. */
function running(lines: readonly string[], further: readonly string[] = []) {
  const path = join(folder, 'shop.conf');
  const write = (next: readonly string[]): void => writeFileSync(path, next.join('\n'));
  write(lines);
  const argv = ['--config', path, ...further];
  const command = parse(argv);
  if (command.kind !== 'run') throw new Error(JSON.stringify(command));
  const told: [string, Fields][] = [];
  const note = (event: string, fields: Fields = {}): void => void told.push([event, fields]);
  const log: Log = { info: note, warning: note, error: note };
  const took: { engine: TcpcopyOptions['engine'][]; stats: CommonOptions['statsEvery_s'][] } = {
    engine: [],
    stats: [],
  };
  let broken: string | undefined;
  const program = {
    reload: ({ engine }: TcpcopyOptions) => {
      if (broken !== undefined) throw new Error(broken);
      return () => void took.engine.push(engine);
    },
  };
  const reloading = new Reloading(
    { parse, changeable: ['percentage', 'multiply'] },
    argv,
    command.options,
    program,
    ({ statsEvery_s }) => took.stats.push(statsEvery_s),
    log,
  );
  const reload = (next: readonly string[]): Promise<void> => {
    write(next);
    return reloading.reload();
  };
  return { reload, told, took, path, breakBy: (why: string | undefined) => (broken = why) };
}

const TRANSFER = 'transfer = 80-198.18.10.30:8080';

test('percentage, copies and stats are taken over, and the log says from what to what', async () => {
  const { reload, told, took } = running([TRANSFER, 'percentage = 5', 'stats = 60']);
  await reload([TRANSFER, 'percentage = 20', 'multiply = 2']);
  expect(took.engine).toMatchObject([{ percentage: 20, copies: 2 }]);
  expect(took.stats).toEqual([undefined]);
  expect(told).toEqual([
    ['reloaded', { changed: { multiply: 'default -> 2', percentage: '5 -> 20', stats: '60 -> default' } }],
  ]);
  // What is in force now is nothing new.
  await reload([TRANSFER, 'percentage = 20', 'multiply = 2']);
  expect(told[1]).toEqual(['reloaded', { changed: {} }]);
});

test('what cannot change while it runs is named, left, and named again until it is started anew', async () => {
  const { reload, told, took } = running([TRANSFER, 'percentage = 5']);
  for (let round = 0; round < 2; round += 1) {
    told.length = 0;
    await reload(['transfer = 80-198.18.10.31:8080', 'percentage = 20', 'whole-connections']);
    expect(told[1]).toEqual([
      'not changed while running',
      { options: ['transfer', 'whole-connections'], next: expect.stringContaining('start it again') },
    ]);
  }
  expect(took.engine.at(-1)).toMatchObject({ percentage: 20 });
});

test('a file in which anything is wrong changes nothing, and the log names it and the line', async () => {
  const { reload, told, took, path } = running([TRANSFER, 'percentage = 5']);
  await reload([TRANSFER, 'percentage = 20', 'stats = often', 'colour = red']);
  expect([took.engine, took.stats]).toEqual([[], []]);
  expect(told).toMatchObject([['not reloaded', { next: expect.stringContaining('stays in force') }]]);
  expect(told[0]![1]['reason']).toContain(`${path}:3: stats takes a whole number`);
  expect(told[0]![1]['reason']).toContain(`${path}:4: unknown option "colour"`);
  rmSync(path);
  told.length = 0;
  writeFileSync(join(folder, 'other'), '');
  await reload([TRANSFER, 'percentage = 20']);
  expect(told).toEqual([['reloaded', { changed: { percentage: '5 -> 20' } }]]);
});

test('keys that cannot be read leave all else as it was, too', async () => {
  const { reload, told, took, breakBy } = running([TRANSFER, 'percentage = 5']);
  breakBy('key file /etc/key is not there');
  await reload([TRANSFER, 'percentage = 20', 'stats = 1']);
  expect(took.stats).toEqual([]);
  expect(told).toMatchObject([['not reloaded', { reason: 'key file /etc/key is not there' }]]);
  breakBy(undefined);
  await reload([TRANSFER, 'percentage = 20']);
  expect(told[1]).toEqual(['reloaded', { changed: { percentage: '5 -> 20' } }]);
});

test('of two that follow each other at once the second is the last word', async () => {
  const { reload, told, took } = running([TRANSFER, 'percentage = 5']);
  await Promise.all([reload([TRANSFER, 'percentage = 20']), reload([TRANSFER, 'percentage = 30'])]);
  expect(took.engine.at(-1)).toMatchObject({ percentage: 30 });
  expect(told.map(([event]) => event)).toEqual(['reloaded', 'reloaded']);
});

test('the command line wins when the file is read again', async () => {
  const { reload, told, took } = running([TRANSFER], ['-r', '7']);
  await reload([TRANSFER, 'percentage = 20']);
  expect(took.engine).toMatchObject([{ percentage: 7 }]);
  expect(told).toEqual([['reloaded', { changed: {} }]]);
});

test('without a file only the keys are read again, by the options that it was started with', async () => {
  const argv = ['-x', '80-198.18.10.30:8080', '-r', '5'];
  const command = parse(argv);
  if (command.kind !== 'run') throw new Error('refused');
  const took: TcpcopyOptions[] = [];
  const silent: Log = { info: () => undefined, warning: () => undefined, error: () => undefined };
  const parseNever = (): never => {
    throw new Error('parsed again');
  };
  const program = { parse: parseNever, changeable: [] };
  const keep = { reload: (options: TcpcopyOptions) => () => void took.push(options) };
  await new Reloading(program, argv, command.options, keep, () => undefined, silent).reload();
  expect(took).toEqual([command.options]);
});

test('intercept takes over the stats', () => {
  const of = (text: string) => {
    const path = join(folder, 'intercept.conf');
    writeFileSync(path, text);
    const command = parseInterceptOptions(['--config', path]);
    if (command.kind !== 'run') throw new Error('refused');
    return command.options.given;
  };
  const { taken, left } = changesBetween(of('stats = 5\nqueue = 1'), of('queue = 2'), new Set(['stats']));
  expect([taken, left]).toEqual([{ stats: '5 -> default' }, ['queue']]);
});
