/** tcpcopy's options in several workers. */
import { clientPackets } from '../../../src/capture/request';
import { parseTcpcopyOptions } from '../../../src/tcpcopy/options/options';
import { optionsOf } from '../../../src/tcpcopy/share';

const TEST = '198.18.10.30';
const local = {
  addresses: new Set<number>(),
  smallestMtu_bytes: 1500,
  exists: () => false,
  matching: () => [],
};
const parse = (line: string): ReturnType<typeof parseTcpcopyOptions> =>
  parseTcpcopyOptions(line.split(' '), local);

describe("tcpcopy's command line", () => {
  test('shares out among workers what all of them may take', () => {
    const command = parse(`-x 80-${TEST}:8080 --workers 4 -m 100 -B 64`);
    if (command.kind !== 'run') throw new Error(JSON.stringify(command));
    const { options } = command;
    expect(options.workers).toBe(4);
    expect(optionsOf(options, { index: 1, count: 4 })).toMatchObject({
      engine: { share: { index: 1, count: 4 }, memory_bytes: 25 * 2 ** 20 },
      source: { kind: 'live', io: 'ring' },
    });
    const request = clientPackets(
      { endpoints: [], mirrored: false, loopback: false },
      { devices: undefined, filter: undefined, buffer_bytes: 64 * 2 ** 20, packetMax_bytes: undefined },
      { index: 1, count: 4 },
    );
    expect(request).toMatchObject({ share: { index: 1, count: 4 }, buffer_bytes: 16 * 2 ** 20 });
  });

  test.each([
    ['--workers 2 --io packages', 'not with --io packages'],
    ['--workers 2 -i -', 'not standard input'],
    ['--workers 0', 'takes a number from 1 to 16, or auto'],
  ])('refuses %s', (line, reason) => {
    expect(parse(`-x 80-${TEST}:8080 ${line}`)).toMatchObject({
      kind: 'refuse',
      faults: expect.arrayContaining([expect.stringContaining(reason)]),
    });
  });
});
