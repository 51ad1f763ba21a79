import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../../src/process/config-file';
import { OptionReader } from '../../../src/process/option-reader';
import type { OptionSpec } from '../../../src/process/options';
import { parseTcpcopyOptions } from '../../../src/tcpcopy/options/options';
import { parseInterceptOptions } from '../../../src/intercept/options';

const SPECS: readonly OptionSpec[] = [
  { short: 'x', long: 'transfer', value: 'what', group: 'First', help: 'what is copied' },
  { short: 'r', long: 'percentage', value: '1-100', group: 'First', help: 'how many' },
  { short: 'g', long: 'gradual', group: 'First', help: 'bit by bit' },
  { short: 'd', long: 'daemon', group: 'Process', help: 'run in the background' },
  { long: 'config', value: 'file', group: 'Process', help: 'read options from there' },
];

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function readerOf(text: string, ...argv: string[]): OptionReader {
  const path = join(folder, 'shop.conf');
  writeFileSync(path, text);
  return new OptionReader(SPECS, ['--config', path, ...argv]);
}

describe('a configuration file', () => {
  test('gives options by their long names, and switches by their names alone', () => {
    const reader = readerOf('# The shop.\n\n transfer = 80-198.18.10.30:8080 \npercentage=5\r\ngradual\n');
    expect(reader.faults).toEqual([]);
    expect(reader.text('transfer')).toBe('80-198.18.10.30:8080');
    expect(reader.whole('percentage', 1, 100)).toBe(5);
    expect(reader.has('gradual')).toBe(true);
  });

  test('has values with blanks, signs of equality and hashes in them', () => {
    expect(readerOf('transfer = tcp and port = 80 # not 81').text('transfer')).toBe(
      'tcp and port = 80 # not 81',
    );
  });

  test('gives way to the command line', () => {
    const reader = readerOf('percentage = 5\ntransfer = one\n', '-r', '20');
    expect(reader.whole('percentage', 1, 100)).toBe(20);
    expect(reader.text('transfer')).toBe('one');
  });

  test.each([
    ['1: unknown option "percentge"', 'percentge = 5'],
    ['2: unknown option "r": its long name is percentage', '\nr = 5'],
    ['1: unknown option "-r": its long name is percentage', '-r = 5'],
    ['1: unknown option "percentage 5": write percentage = <1-100>', 'percentage 5'],
    ['1: unknown option "percentage:": write percentage = <1-100>', 'percentage: = 5'],
    ['1: unknown option "--percentage": write percentage = <1-100>', '--percentage=5'],
    ['1: unknown option "-r 5": its long name is percentage', '-r 5'],
    ['1: unknown option "Percentage": write percentage = <1-100>', 'Percentage = 5'],
    ['1: unknown option "gradual yes": write gradual', 'gradual yes'],
    [`1: unknown option "${'x'.repeat(64)}…"`, 'x'.repeat(1_000_000)],
    ['3: option gradual is given twice', 'gradual\n\ngradual'],
    ['1: option gradual takes no value: it stands alone, or not at all', 'gradual = yes'],
    ['1: option transfer needs a value: transfer = <what>', 'transfer'],
    ['1: option transfer needs a value: transfer = <what>', 'transfer ='],
    ['1: option config is for the command line only', 'config = /etc/other.conf'],
    ['1: option daemon is for the command line only', 'daemon'],
    ['1: unknown option "= 5"', '= 5'],
  ])('is refused, with its name and the line: %s', (fault, text) => {
    expect(parseConfig(SPECS, text, '/etc/tcpcopy/shop.conf').faults).toEqual([
      `/etc/tcpcopy/shop.conf:${fault}`,
    ]);
  });

  test('is refused for all its faults at once, beside those of the command line', () => {
    expect(readerOf('what = 1\ngradual = 2\n', '-z').faults).toHaveLength(3);
  });

  test('has a value that is none named by file and line, and one of the command line by its option', () => {
    const inFile = readerOf('\npercentage = 500\n');
    inFile.whole('percentage', 1, 100);
    expect(inFile.faults).toEqual([
      `${folder}/shop.conf:2: percentage takes a whole number from 1 to 100, not "500"`,
    ]);
    const typed = readerOf('percentage = 5\n', '-r', '500');
    typed.whole('percentage', 1, 100);
    expect(typed.faults).toEqual(['-r takes a whole number from 1 to 100, not "500"']);
  });

  test('that cannot be read is a fault, not an empty one', () => {
    const { faults } = new OptionReader(SPECS, ['--config', join(folder, 'none.conf')]);
    expect(faults).toEqual([expect.stringMatching(/^--config cannot be read: ENOENT.*none\.conf/)]);
  });

  test('that cannot be read is the only fault: nobody knows what else is missing', () => {
    const nowhere = { addresses: new Set<number>(), smallestMtu_bytes: undefined };
    const local = { ...nowhere, exists: () => false, matching: () => [] };
    expect(parseTcpcopyOptions(['--config', join(folder, 'none.conf')], local)).toEqual({
      kind: 'refuse',
      faults: [expect.stringMatching(/^--config cannot be read/)],
    });
  });

  test('is read by the programs', () => {
    const path = join(folder, 'intercept.conf');
    writeFileSync(path, 'passlist = 198.18.10.20\nbind = 198.18.10.30\n');
    expect(parseInterceptOptions(['--config', path, '-p', '4000'])).toMatchObject({
      kind: 'run',
      options: { bindAddress: '198.18.10.30', controlPort: 4000 },
    });
  });
});
