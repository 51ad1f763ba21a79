import { Intake, type Wanted } from '../../../src/capture/intake';
import { formatAddress, parseAddress } from '../../../src/wire/address/address';
import { SYN } from '../../../src/wire/tcp';
import { packet } from './packets';

/** Addresses of a machine, those of which it has not read yet, and how often it was asked to. */
class Machine {
  readonly told: string[] = [];
  refreshed = 0;
  readonly #known: Set<string>;

  constructor(...known: string[]) {
    this.#known = new Set(known);
  }

  has(address: number): boolean {
    return this.#known.has(formatAddress(address));
  }

  refresh(): boolean {
    this.refreshed += 1;
    for (const address of this.told) this.#known.add(address);
    return this.told.splice(0).length > 0;
  }
}

function intakeOf(machine: Machine, wanted: Partial<Wanted> = {}) {
  const taken: string[] = [];
  const all: Wanted = { to: 'this-machine', loopback: false, ...wanted };
  const intake = new Intake(machine, all, ({ destination }) => taken.push(formatAddress(destination)));
  const take = (source: string, destination: string): void => {
    const ends = { source: parseAddress(source)!, destination: parseAddress(destination)! };
    intake.packet(packet({ flags: SYN, ...ends }), 0, 40, 0);
  };
  return { intake, taken, take };
}

const CLIENT = '198.18.10.10';
const OWN = '198.18.10.20';
const LATER = '198.18.10.77';

describe('the intake', () => {
  test('takes what is for this machine, and counts what it lets on', () => {
    const { intake, taken, take } = intakeOf(new Machine(OWN));
    take(CLIENT, OWN);
    take(CLIENT, '192.0.2.7');
    expect(taken).toEqual([OWN]);
    expect(intake.counters).toMatchObject({ frames: 2, segments: 1, 'rejected_other-destination': 1 });
  });

  test('takes the first packet for an address that came a moment ago', () => {
    const machine = new Machine(OWN);
    const { taken, take } = intakeOf(machine);
    machine.told.push(LATER);
    take(CLIENT, LATER);
    expect(taken).toEqual([LATER]);
  });

  test('asks for new addresses once for all that was received together', () => {
    const machine = new Machine(OWN);
    const { intake, taken, take } = intakeOf(machine);
    for (const destination of ['192.0.2.7', '192.0.2.8', '192.0.2.9']) take(CLIENT, destination);
    expect(machine.refreshed).toBe(1);
    machine.told.push(LATER);
    intake.begin();
    take(CLIENT, LATER);
    take(CLIENT, OWN);
    expect([machine.refreshed, taken]).toEqual([2, [LATER, OWN]]);
  });

  test('knows programs of this machine, also under an address that came later', () => {
    const machine = new Machine(OWN);
    const { intake, taken, take } = intakeOf(machine);
    machine.told.push(LATER);
    take(OWN, OWN);
    take(LATER, LATER);
    expect(taken).toEqual([]);
    expect(intake.counters['rejected_local-client']).toBe(2);
  });

  test('takes programs of this machine for clients where they speak from the loopback range, and that is asked for', () => {
    const machine = new Machine(OWN, '127.0.0.1');
    const { taken, take } = intakeOf(machine, { loopback: true });
    take('127.0.0.1', '127.0.0.1');
    take(OWN, OWN);
    expect(taken).toEqual(['127.0.0.1']);
  });

  test('takes what is for anybody where a mirror is captured, but for what programs of this machine say', () => {
    const machine = new Machine(OWN);
    const { intake, taken, take } = intakeOf(machine, { to: 'anybody' });
    take(CLIENT, '192.0.2.7');
    take(CLIENT, OWN);
    take(OWN, '192.0.2.7');
    expect([taken, machine.refreshed]).toEqual([['192.0.2.7', OWN], 0]);
    expect(intake.counters['rejected_local-client']).toBe(1);
  });

  test('takes what is for others where that is what shall be let on, and asks for no addresses', () => {
    const machine = new Machine(OWN);
    const { taken, take } = intakeOf(machine, { to: 'others' });
    take('198.18.10.30', CLIENT);
    take('198.18.10.30', OWN);
    expect([taken, machine.refreshed]).toEqual([[CLIENT], 0]);
  });

  test('of a worker takes what is its own, and together they count everything once', () => {
    const intakes = [0, 1].map(
      (index) =>
        new Intake(new Machine(OWN), { to: 'this-machine', loopback: false }, () => undefined, {
          index,
          count: 2,
        }),
    );
    const ends = { destination: parseAddress(OWN)! };
    for (let host = 1; host <= 100; host += 1)
      for (const intake of intakes)
        intake.packet(packet({ flags: SYN, source: parseAddress(`198.18.11.${host}`)!, ...ends }), 0, 40, 0);
    for (const intake of intakes) intake.packet(new Uint8Array(40), 0, 40, 0);
    const sum = (name: 'frames' | 'segments' | 'rejected_ipv4-not-version-4'): number =>
      intakes.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
    expect([sum('frames'), sum('segments'), sum('rejected_ipv4-not-version-4')]).toEqual([101, 100, 1]);
    for (const { counters } of intakes) expect(counters.segments).toBeGreaterThan(30);
  });
});
