import { parseInterceptOptions } from '../../../src/intercept/options';
import { parseAddress } from '../../../src/wire/flow';

const parse = (line: string): ReturnType<typeof parseInterceptOptions> =>
  parseInterceptOptions(line.split(' ').filter(Boolean));

describe("intercept's command line", () => {
  test("is the seed document's", () => {
    expect(parse('-x 198.18.10.20 -b 198.18.10.30 -d')).toEqual({
      kind: 'run',
      options: {
        passlist: [parseAddress('198.18.10.20')],
        bindAddress: '198.18.10.30',
        controlPort: 36524,
        queueNumber: 0,
        queueLength: undefined,
        daemon: true,
        logFile: undefined,
        pidFile: undefined,
        statsEvery_s: undefined,
        metrics: undefined,
        withoutEffect: [],
      },
    });
  });

  test('needs nothing at all', () => {
    expect(parse('')).toMatchObject({ kind: 'run', options: { passlist: [], bindAddress: undefined } });
  });

  test.each([
    ['-x takes IPv4 addresses', '-x online'],
    ['-x takes IPv4 addresses', '-x 198.18.10.20,'],
    [
      '-x takes at most 32',
      `-x ${Array.from({ length: 33 }, (_, index) => `198.18.10.${index + 1}`).join(',')}`,
    ],
    ['-b takes an IPv4 address', '-b here'],
    ['-p takes a port', '-p 70000'],
    ['-Q takes a whole number', '-Q 65536'],
    ['-q takes a whole number', '-q many'],
    ['unknown option -z', '-z'],
  ])('is refused with "%s"', (fault, line) => {
    const command = parse(line);
    expect(command.kind === 'refuse' && command.faults.join('\n')).toContain(fault);
  });
});
