import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { parseCompareOptions } from '../../../src/tcpcopy/compare/options';
import { runCompare } from '../../../src/tcpcopy/compare/run';
import { worldOf } from '../answers/world/world';

const TRANSFER = ['-x', '198.18.10.20:80-198.18.10.30:8080'];
const NEEDED = ['--online', 'a.pcap', '--test', 'b.pcap', ...TRANSFER];
const local = {
  exists: (path: string) => path === '[odd].pcap',
  matching: (pattern: string) => (pattern === 'b*.pcap' ? ['b1.pcap', 'b2.pcap'] : []),
};
const parsed = (...argv: string[]) => parseCompareOptions(argv, local);

describe('the command line of tcpcopy compare', () => {
  test('names captures, servers, rules, limits and reports', () => {
    const command = parsed(
      ...['--online', 'a.pcap,[odd].pcap', '--test', 'b*.pcap', ...TRANSFER, '--reference', 'c.pcap'],
      ...[
        '--ignore',
        'header:etag',
        '--ignore',
        'json:$..id',
        '--redact',
        'body',
        '--fail',
        'differing > 1%',
      ],
      ...[
        '--fail',
        'p99 > 2x',
        '--body',
        '4',
        '-m',
        '10',
        '--patience',
        '3',
        '--out',
        'r.html',
        '--json',
        '-',
      ],
    );
    expect(command).toMatchObject({
      kind: 'run',
      options: {
        online: { files: ['a.pcap', '[odd].pcap'], endpoints: [{ address: 0xc6120a14, port: 80 }] },
        test: { files: ['b1.pcap', 'b2.pcap'], endpoints: [{ address: 0xc6120a1e, port: 8080 }] },
        reference: { files: ['c.pcap'], endpoints: [{ address: 0xc6120a1e, port: 8080 }] },
        thresholds: [{ text: 'differing > 1%' }, { text: 'p99 > 2x' }],
        body_bytes: 4096,
        memory_bytes: 10_000_000,
        patience_s: 3,
        out: 'r.html',
        json: '-',
        junit: undefined,
      },
    });
    if (command.kind !== 'run') throw new Error('refused');
    const { ignore, redact } = command.options.rules;
    expect(ignore.rules).toEqual(expect.arrayContaining(['header:date', 'header:etag', 'json:$..id']));
    expect(redact.rules).toEqual(expect.arrayContaining(['header:cookie', 'body']));
  });

  test.each([
    [['--online', 'a.pcap', ...TRANSFER], '--test is missing'],
    [['--test', 'a.pcap', ...TRANSFER], '--online is missing'],
    [['--online', 'a', '--test', 'b'], '-x is missing'],
    [['--online', 'none*.pcap', '--test', 'b', ...TRANSFER], '--online: no file fits "none*.pcap"'],
    [[...NEEDED, '--ignore', 'id'], '"id" names no place'],
    [[...NEEDED, '--redact', 'json:id'], '"json:id": a path begins with $'],
    [[...NEEDED, '--fail', 'much'], '--fail "much" is no threshold'],
    [[...NEEDED, '--body', '0'], '--body takes a whole number from 1 to 65536, not "0"'],
    [[...NEEDED, '--patience', 'x'], '--patience takes a whole number'],
    [[...NEEDED, '--reference-server', 'there'], '--reference-server takes ip:port, not "there"'],
    [[...NEEDED, '--out', 'a', '--out', 'b'], 'option --out is given twice'],
    [[...NEEDED, 'more'], 'unexpected argument "more"'],
  ])('is refused with what is wrong: %j', (argv, fault) => {
    expect(parsed(...argv)).toMatchObject({ kind: 'refuse', faults: [expect.stringContaining(fault)] });
  });

  test('explains itself', () => {
    expect(parsed('--help')).toMatchObject({
      kind: 'print',
      text: expect.stringContaining('--fail <limit>'),
    });
  });
});

describe('tcpcopy compare', () => {
  let folder: string;
  let said: { out: string; error: string };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'));
    said = { out: '', error: '' };
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.error += String(text)), true));
    const fault = { kind: 'status', route: 'GET /health', share: 1 } as const;
    const { online, test } = worldOf({ seed: 3, fault });
    writeFileSync(path('online.pcap'), online);
    writeFileSync(path('test.pcap'), test);
    writeFileSync(path('none.pcap'), 'no capture at all, though its name says so');
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
    process.exitCode = undefined;
  });
  const path = (name: string): string => join(folder, name);
  const run = async (test: string, ...more: string[]): Promise<number> => {
    process.exitCode = 0;
    await runCompare(['--online', path('online.pcap'), '--test', path(test), ...TRANSFER, ...more]);
    return process.exitCode;
  };

  test('tells what differs, and writes what it is told to', async () => {
    const files = { out: path('r.html'), json: path('r.json'), junit: path('r.xml') };
    const argv = Object.entries(files).flatMap(([long, file]) => [`--${long}`, file]);
    expect(await run('test.pcap', ...argv)).toBe(0);
    expect(said.out).toMatch(/^DIFF {2}\d+ of \d+ answers \(.*\) differ, on 1 route of 7\n/);
    expect(said.out).toContain('GET /health');
    expect(said.error).toBe('');
    expect(readFileSync(files.out, 'utf8')).toContain('<code>GET /health</code>');
    expect(JSON.parse(readFileSync(files.json, 'utf8'))).toMatchObject({ format: 1, crossed: [] });
    expect(readFileSync(files.junit, 'utf8')).toMatch(/failures="1"/);
  });

  test('ends with status 1 where a limit is passed, and not where none is', async () => {
    expect(await run('test.pcap', '--fail', 'differing > 0')).toBe(1);
    expect(said.out).toMatch(/^FAIL/);
    expect(await run('test.pcap', '--fail', 'differing > 90%')).toBe(0);
    expect(await run('test.pcap', '--ignore', 'status', '--ignore', 'body', '--fail', 'differing > 0')).toBe(
      0,
    );
    said.out = '';
    expect(await run('test.pcap', '--json', '-', '--fail', 'route differing > 10%')).toBe(1);
    expect(JSON.parse(said.out)).toMatchObject({ crossed: [{ route: 'GET /health' }] });
  });

  test('ends with status 2 where nothing could be compared, and names why', async () => {
    expect(await run('none.pcap')).toBe(2);
    expect(said.error).toMatch(/^tcpcopy compare: .*none\.pcap/);
    expect(await run('absent.pcap')).toBe(2);
    expect(said.error).toContain('absent.pcap');
    expect(await run('online.pcap')).toBe(2);
    expect(said.error).toContain('test: no client spoke to that server');
    expect(await run('test.pcap', '--out', path('no/such/place.html'))).toBe(2);
    expect(said.error).toContain('place.html');
    expect(await run('test.pcap', '--fail', 'x')).toBe(2);
    expect(said.error).toContain("Try 'tcpcopy compare --help'.");
  });
});
