import { formatHelp, parseOptions, type OptionSpec } from '../../../src/process/options';

const SPECS: readonly OptionSpec[] = [
  { short: 'x', long: 'transfer', value: 'what', group: 'First', help: 'what is copied' },
  { short: 'd', long: 'daemon', group: 'Second', help: 'run in the\nbackground' },
  { long: 'io', value: 'how', group: 'Second', help: 'a long name only' },
];

describe('a command line', () => {
  test.each([
    ['apart', ['-x', 'value', '-d']],
    ['attached', ['-xvalue', '-d']],
    ['with long names', ['--transfer', 'value', '--daemon']],
    ['with long names and equals signs', ['--transfer=value', '--daemon']],
    ['with switches and a value together', ['-dxvalue']],
  ])('is read with values %s', (_, argv) => {
    const { given, faults } = parseOptions(SPECS, argv);
    expect(faults).toEqual([]);
    expect(Object.fromEntries(given)).toEqual({ transfer: 'value', daemon: true });
  });

  test.each([
    ['unknown option -z', ['-z']],
    ['unknown option --nothing', ['--nothing=1']],
    ['unexpected argument "stray"', ['stray']],
    ['option -d is given twice', ['-d', '-d']],
    ['option -x needs a value: -x <what>', ['-x']],
    ['option -x needs a value: -x <what>', ['-x', '']],
    ['option --daemon takes no value', ['--daemon=yes']],
  ])('is refused with: %s', (fault, argv) => {
    expect(parseOptions(SPECS, argv).faults).toContain(fault);
  });

  test('is refused for all its faults at once', () => {
    expect(parseOptions(SPECS, ['-z', '-d', '-d', 'stray']).faults).toHaveLength(3);
  });

  test('is explained in groups', () => {
    const help = formatHelp('program: does it', SPECS, ['program -x y']);
    expect(help).toContain('First:\n  -x, --transfer <what>');
    expect(help).toMatch(/-d, --daemon {2,}run in the\n {10,}background/);
    expect(help).toContain('      --io <how>');
  });
});
