/** Engines that copy side by side, each a share of the connections. */
import { parseAddress } from '../../../src/wire/address/address';
import { workerOf } from '../../../src/wire/tables/share';
import { SYN } from '../../../src/wire/tcp';
import { CLIENT, copying, ONLINE, segment } from './copying';

const COUNT = 2;
const indexes = [0, 1];
const sharing = (options: Parameters<typeof copying>[0] = {}) =>
  indexes.map((index) => copying({ ...options, share: { index, count: COUNT } }));

/** What each client says goes to the engine that has it. */
function begin(engines: ReturnType<typeof sharing>, source: number, ports: readonly number[]): void {
  for (const port of ports)
    engines[workerOf(source, port, COUNT)]!.engine.captured(segment({ flags: SYN, source, port }), 0);
}

/** From where each speaks. */
const endpointsOf = (engines: ReturnType<typeof sharing>): string[][] =>
  engines.map(({ packets }) => packets.map(({ source, port }) => `${source}:${port}`));

const PORTS = Array.from({ length: 400 }, (_, index) => 32_768 + index);

describe('of several engines each', () => {
  test.each([
    ["under the clients' own addresses, several times", { copies: 5 }],
    ['under other addresses', { sourceAddresses: [parseAddress('198.18.10.200')!], copies: 2 }],
    [
      'under an address of this machine',
      { sourceAddresses: [ONLINE], own: { addresses: [ONLINE], ports: { first: 61_000, last: 65_535 } } },
    ],
    ['from other ports by -f', { portShift: 7 }],
  ])('speaks from endpoints of its share, and from none of the others, %s', (_, options) => {
    const engines = sharing(options);
    begin(engines, CLIENT, PORTS);
    const endpoints = endpointsOf(engines);
    endpoints.forEach((own, index) => {
      expect(own.length).toBeGreaterThan(100);
      for (const endpoint of own) {
        const [address, port] = endpoint.split(':').map(Number);
        if (workerOf(address!, port!, COUNT) !== index) throw new Error(`${endpoint} is not of ${index}`);
      }
    });
    expect(new Set(endpoints.flat()).size).toBe(endpoints.flat().length);
  });

  test('has a port of its share for clients of the loopback range', () => {
    const loopback = parseAddress('127.0.0.1')!;
    const engines = sharing({ loopbackAddress: ONLINE });
    begin(engines, loopback, PORTS);
    const endpoints = endpointsOf(engines);
    expect(new Set(endpoints.flat()).size).toBe(PORTS.length);
  });

  test('refuses what it has no port for, without looking for one again and again', () => {
    const ports = { first: 61_000, last: 61_009 };
    const engines = sharing({ sourceAddresses: [ONLINE], own: { addresses: [ONLINE], ports } });
    begin(engines, CLIENT, PORTS);
    const started = engines.map(({ engine }) => engine.counters.sessions_started);
    expect(started[0]! + started[1]!).toBe(10);
    for (const { engine } of engines) expect(engine.counters['copies_refused_no-port']).toBeGreaterThan(100);
  });

  test('takes every port of an address that is its own, and then none until one is free', () => {
    const [one] = sharing({ sourceAddresses: [ONLINE] });
    const begun = (from: number, count: number): void => {
      for (let index = from; index < from + count; index += 1)
        one!.engine.captured(
          segment({ flags: SYN, source: CLIENT + (index >> 12), port: 1024 + (index & 0xfff) }),
          0,
        );
    };
    begun(0, 40_000);
    const { sessions_started } = one!.engine.counters;
    expect(sessions_started).toBeGreaterThan(32_000);
    expect(sessions_started).toBeLessThan(32_500);
    const before_ms = performance.now();
    begun(40_000, 5000);
    // To look through all ports takes a millisecond or so, for each.
    expect(performance.now() - before_ms).toBeLessThan(2500);
    one!.engine.shutdown(1);
    one!.engine.setGuard('armed', 1);
    begun(45_000, 5);
    expect(one!.engine.counters.sessions_started).toBe(sessions_started + 5);
  });
});
