import { parseTcpcopyOptions, type TcpcopyOptions } from '../../../src/tcpcopy/options';
import { parseAddress } from '../../../src/wire/flow';

const ONLINE = '198.18.10.20';
const TEST = '198.18.10.30';
const local = new Set([parseAddress(ONLINE)!, parseAddress('127.0.0.1')!]);
const parse = (line: string): ReturnType<typeof parseTcpcopyOptions> =>
  parseTcpcopyOptions(line.split(' ').filter(Boolean), local);

function run(line: string): TcpcopyOptions {
  const command = parse(line);
  if (command.kind !== 'run') throw new Error(JSON.stringify(command));
  return command.options;
}

describe("tcpcopy's command line", () => {
  test("is the seed document's, with the online server's own address behind -s", () => {
    expect(run(`-x 80-${TEST}:8080 -s ${ONLINE} -d`)).toEqual({
      transfers: [
        { onlineAddress: undefined, onlinePort: 80, testAddress: parseAddress(TEST), testPort: 8080 },
      ],
      intercepts: [{ host: TEST, port: 36524 }],
      serverReading: 'own-address',
      io: 'auto',
      daemon: true,
      logFile: undefined,
      pidFile: undefined,
    });
  });

  test('takes -s as the list of intercepts when the addresses are not its own', () => {
    expect(run(`-x 80-${TEST}:8080 -s 198.18.10.40,198.18.10.41:4000 -p 5000`)).toMatchObject({
      intercepts: [
        { host: '198.18.10.40', port: 5000 },
        { host: '198.18.10.41', port: 4000 },
      ],
      serverReading: 'intercepts',
    });
  });

  test('takes several transfers and asks each test server once', () => {
    const { transfers, intercepts } = run(`-x 80-${TEST}:8080,${ONLINE}:81-${TEST}:81,82-198.18.10.31:82`);
    expect(transfers).toHaveLength(3);
    expect(transfers[1]).toMatchObject({ onlineAddress: parseAddress(ONLINE) });
    expect(intercepts.map(({ host }) => host)).toEqual([TEST, '198.18.10.31']);
  });

  test.each([
    ['-x is missing', ''],
    ['the form is', '-x 80'],
    ['the form is', '-x 80-198.18.10.30'],
    ['"0" is no port', `-x 0-${TEST}:80`],
    ['"99999" is no port', `-x 80-${TEST}:99999`],
    ['"198.18.10.300" is no IPv4 address', '-x 80-198.18.10.300:80'],
    ['is a multicast address', '-x 80-224.0.0.1:80'],
    ['is reserved or a broadcast address', '-x 80-255.255.255.255:80'],
    ['which is this machine itself', `-x 80-${ONLINE}:8080`],
    ['twice', `-x 80-${TEST}:8080,80-${TEST}:8081`],
    ['twice', `-x 80-${TEST}:8080,${ONLINE}:80-${TEST}:8081`],
    ['-s takes ip[:port]', `-x 80-${TEST}:8080 -s test`],
    ['-s names 198.18.10.40 twice', `-x 80-${TEST}:8080 -s 198.18.10.40,198.18.10.40`],
    ['-s mixes', `-x 80-${TEST}:8080 -s 198.18.10.40,${ONLINE}`],
    ['-p takes a port', `-x 80-${TEST}:8080 -p 0`],
    ['--io takes', `-x 80-${TEST}:8080 --io fast`],
    ['unknown option -Z', `-x 80-${TEST}:8080 -Z`],
  ])('is refused with "%s": %s', (fault, line) => {
    const command = parse(line);
    expect(command.kind === 'refuse' && command.faults.join('\n')).toContain(fault);
  });

  test('is refused for all its faults at once', () => {
    const command = parse('-x 80 -p 0 -Z');
    expect(command.kind === 'refuse' && command.faults.length).toBe(3);
  });

  test.each(['-h', '--help', '-v'])('prints and starts nothing for %s', (line) => {
    expect(parse(line).kind).toBe('print');
  });
});
