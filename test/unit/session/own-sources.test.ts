import { Passlist } from '../../../src/passlist/passlist';
import type { Route } from '../../../src/wire/reply';
import { ACK, RST, SYN } from '../../../src/wire/tcp';
import { CLIENT, copying, INITIAL, ONLINE, segment, synAck } from './copying';

const OWN = { addresses: [ONLINE], ports: { first: 61_000, last: 61_003 } };
const ownCopying = (isHeld: (route: Route) => boolean = () => false) =>
  copying({ sourceAddresses: [ONLINE], own: OWN }, { isHeld });

const syn = (port: number) => segment({ flags: SYN, port });
/** A remnant answers at the endpoint. */
const challenge = (clientPort: number) => ({
  ...synAck,
  clientAddress: ONLINE,
  clientPort,
  flags: ACK,
  acknowledgment: 777_777,
});

describe('copies under an address of this machine', () => {
  test('have its ports in turn, so that each rests as long as it can, and no other ones', () => {
    const { engine, packets } = ownCopying();
    for (let port = 1; port <= 4; port += 1) {
      engine.captured(syn(port), 0);
      engine.captured(segment({ flags: RST, port, sequence: INITIAL + 1 }), 1);
    }
    for (let port = 5; port <= 10; port += 1) engine.captured(syn(port), 2);
    const asked = packets.filter(({ flags }) => flags === SYN);
    expect(asked.every(({ source }) => source === ONLINE)).toBe(true);
    expect(asked.slice(0, 4).map(({ port }) => port)).toEqual([61_000, 61_001, 61_002, 61_003]);
    for (const { port } of asked) expect(port >= 61_000 && port <= 61_003).toBe(true);
  });

  test('are refused when all ports are taken, and counted', () => {
    const { engine } = ownCopying();
    for (let port = 1; port <= 6; port += 1) engine.captured(syn(port), 0);
    expect(engine.counters).toMatchObject({ sessions_started: 4, 'copies_refused_no-port': 2 });
  });

  test('begin elsewhere in the range by -f, and have all of it', () => {
    const { engine, packets } = copying({ sourceAddresses: [ONLINE], own: OWN, portShift: 512 });
    for (let port = 1; port <= 4; port += 1) engine.captured(syn(port), 0);
    expect(packets.map(({ port }) => port)).toEqual([61_002, 61_003, 61_000, 61_001]);
  });

  test('take no port that a program holds', () => {
    const { engine, packets } = ownCopying(({ clientPort }) => clientPort < 61_002);
    for (let port = 1; port <= 3; port += 1) engine.captured(syn(port), 0);
    expect(packets.map(({ port }) => port)).toEqual([61_002, 61_003]);
    expect(engine.counters['copies_refused_no-port']).toBe(1);
    expect(engine.counters.source_ports_held).toBeGreaterThan(0);
  });

  test('go elsewhere when a port that is challenged turns out to be held, without a reset', () => {
    const held = new Set<number>();
    const { engine, packets, registered, unregistered } = ownCopying(({ clientPort }) =>
      held.has(clientPort),
    );
    engine.captured(syn(1), 0);
    held.add(61_000);
    engine.replied(challenge(61_000), 1);
    for (let time = 2; time < 3000; time += 100) engine.tick(time);
    expect(packets.filter(({ flags }) => flags & RST)).toEqual([]);
    expect(packets.filter(({ port }) => port === 61_000)).toHaveLength(1);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, port: 61_001 });
    expect(registered.map(({ clientPort }) => clientPort)).toEqual([61_000, 61_001]);
    expect(unregistered.map(({ clientPort }) => clientPort)).toEqual([61_000]);
  });

  test('leave a program that came meanwhile in peace also when they would ask again', () => {
    const held = new Set<number>();
    const { engine, packets } = ownCopying(({ clientPort }) => held.has(clientPort));
    engine.captured(syn(1), 0);
    // Just what was asked, which may have been under way: the reset waits, and by then somebody is there.
    engine.replied({ ...challenge(61_000), acknowledgment: INITIAL + 1 }, 1);
    held.add(61_000);
    for (let time = 2; time < 3000; time += 100) engine.tick(time);
    expect(packets.filter(({ flags }) => flags & RST)).toEqual([]);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, port: 61_001 });
  });

  test('reset a remnant of an older copy where no program is', () => {
    const { engine, packets } = ownCopying();
    engine.captured(syn(1), 0);
    engine.replied(challenge(61_000), 1);
    expect(packets.slice(1)).toEqual([
      expect.objectContaining({ flags: RST, port: 61_000, sequence: 777_777 }),
      expect.objectContaining({ flags: SYN, port: 61_000 }),
    ]);
  });

  test('end without a word when every port that is left is held', () => {
    const held = new Set<number>();
    const { engine, packets } = ownCopying(({ clientPort }) => held.has(clientPort));
    engine.captured(syn(1), 0);
    for (let port = 61_000; port <= 61_003; port += 1) held.add(port);
    engine.replied(challenge(61_000), 1);
    expect(packets).toHaveLength(1);
    expect(engine.counters.sessions_given_up_unroutable).toBe(1);
  });
});

describe('a passlist with own copies', () => {
  const excepted = new Passlist([ONLINE], [{ address: ONLINE, ports: OWN.ports }]);

  test('lets copies under that address begin, and one without them does not', () => {
    const { engine, packets } = ownCopying();
    engine.setPasslist(new Passlist([ONLINE]), 0);
    engine.captured(syn(1), 0);
    expect(packets).toEqual([]);
    expect(engine.counters['copies_refused_passlisted']).toBe(1);
    engine.setPasslist(excepted, 1);
    engine.captured(syn(2), 1);
    expect(packets).toHaveLength(1);
  });

  test('has copies dropped that another intercept lets through', () => {
    const { engine, abandoned, unregistered } = ownCopying();
    engine.setPasslist(excepted, 0);
    engine.captured(syn(1), 0);
    engine.setPasslist(new Passlist([ONLINE]), 1);
    expect([...abandoned, ...unregistered]).toHaveLength(1);
    expect(engine.counters.sessions_given_up_unroutable).toBe(1);
  });

  test('does not make a client of that address one that is copied', () => {
    const { engine, packets } = copying();
    engine.setPasslist(new Passlist([CLIENT], [{ address: CLIENT, ports: { first: 1, last: 65_535 } }]), 0);
    engine.captured(syn(61_001), 0);
    expect(packets).toEqual([]);
  });
});
