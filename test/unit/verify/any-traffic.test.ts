import { randomFrom, type Random } from '../../../lab/load/requests/random';
import type { FindingCode } from '../../../lab/verify/findings/finding';
import { judge } from '../../../lab/verify/judge';
import { reportAsText } from '../../../lab/report/text';
import { ACK, FIN, RST, SYN } from '../../../src/wire/tcp';
import { fragment, icmp, ipv6Tcp, tagged, tcp, type TestFrame } from './world/frames';
import { evidenceOf, healthyLab, type Connection, type Lab } from './world/lab';

/** VERIFY_SEED=n repeats one round of each test. */
const SEED = process.env['VERIFY_SEED'];
/** `make soak` plays more, and others. */
const FIRST_SEED = Number(process.env['VERIFY_FIRST_SEED'] ?? 1);
const SCALE = Number(process.env['VERIFY_SCALE'] ?? 1);
const HEALTHY_ROUNDS = 40 * SCALE;
/** Of each mutation. */
const BROKEN_ROUNDS = 10 * SCALE;

const labOf = (seed: number): Lab => {
  const random = randomFrom(seed, 3);
  return healthyLab(random.pick(['http', 'redis']), seed, random.between(25, 40));
};

interface Mutation {
  readonly change: (lab: Lab, random: Random) => Lab;
  /** One of them at least is found. */
  readonly found: readonly FindingCode[];
}

interface Place {
  readonly connection: number;
  readonly request: number;
}

const mutations: Readonly<Record<string, Mutation>> = {
  'a request is dropped': {
    change: (lab, random) => edit(lab, pick(lab, random), () => []),
    found: ['requests-missing'],
  },
  'a request is doubled': {
    change: (lab, random) => edit(lab, pick(lab, random), (request) => [request, request]),
    found: ['requests-duplicated'],
  },
  'a request comes again elsewhere': {
    change: (lab, random) => {
      const { connection, request } = pick(lab, random);
      return edit(lab, pick(lab, random), (other) => [other, lab.test[connection]!.requests[request]!]);
    },
    found: ['requests-duplicated'],
  },
  'one byte of a request is altered': {
    change: (lab, random) => edit(lab, pick(lab, random), (request) => [withOtherByte(request, random)]),
    found: ['requests-altered', 'requests-missing'],
  },
  'the end of a connection is lost': {
    change: (lab, random) => {
      const { connection } = pick(lab, random);
      const request = lab.test[connection]!.requests.length - 1;
      return edit(lab, { connection, request }, (last) => [
        last.subarray(0, random.between(0, last.length - 1)),
      ]);
    },
    found: ['requests-missing'],
  },
  'two requests change places': {
    change: (lab, random) => {
      const [a, b] = [pick(lab, random), pick(lab, random)];
      const at = ({ connection, request }: Place) => lab.test[connection]!.requests[request]!;
      if (at(a) === at(b)) return edit(lab, a, () => []);
      return edit(
        edit(lab, a, () => [at(b)]),
        b,
        () => [at(a)],
      );
    },
    found: ['order-changed', 'requests-missing'],
  },
  'something is added to a connection': {
    change: (lab, random) => {
      const addition = random.pick(['GET / HTTP/1.1\r\n\r\n', 'PING\r\n', '\0\r\n\r\n', 'GET /lab/ab']);
      return edit(lab, pick(lab, random), (request) => [request, Buffer.from(addition)]);
    },
    found: ['requests-unexpected', 'requests-missing', 'requests-altered'],
  },
  'a frame leaks': {
    change: (lab, random) => ({ ...lab, leaked: [anyLeak(lab, random)] }),
    found: ['leak'],
  },
};

function pick(lab: Lab, random: Random): Place {
  const connection = random.between(0, lab.test.length - 1);
  return { connection, request: random.between(0, lab.test[connection]!.requests.length - 1) };
}

function edit(lab: Lab, place: Place, change: (request: Uint8Array) => readonly Uint8Array[]): Lab {
  const editConnection = (connection: Connection): Connection => ({
    ...connection,
    requests: connection.requests.flatMap((request, index) =>
      index === place.request ? change(request) : [request],
    ),
  });
  return {
    ...lab,
    test: lab.test.map((connection, index) =>
      index === place.connection ? editConnection(connection) : connection,
    ),
  };
}

function withOtherByte(request: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(request);
  changed[random.between(0, changed.length - 1)]! ^= random.between(1, 255);
  return changed;
}

function anyLeak({ scene }: Lab, random: Random): TestFrame {
  const { address, port } = scene.test;
  const client = random.pick(scene.clients).address;
  const segment = (flags: number): TestFrame =>
    tcp(`${address}:${port}`, `${client}:${random.between(1, 65_535)}`, {
      flags,
      payload: random.bytes(random.pick([0, 0, 1, 500])),
    });
  const kinds: (() => TestFrame)[] = [
    ...[SYN | ACK, ACK, RST, RST | ACK, FIN | ACK].map((flags) => () => segment(flags)),
    () => tagged(segment(ACK)),
    () => fragment(segment(ACK), random.between(0, 100)),
    () => icmp(address, client, random.pick([3, 11]), random.between(0, 3)),
    () => ipv6Tcp(port, random.between(1, 65_535)),
  ];
  return random.pick(kinds)();
}

/** Says which round failed, and how to repeat it. */
function inRounds(rounds: number, first: number, check: (seed: number) => void): void {
  const seeds = SEED === undefined ? Array.from({ length: rounds }, (_, at) => first + at) : [Number(SEED)];
  for (const seed of seeds) {
    try {
      check(seed);
    } catch (error) {
      throw new Error(`a round failed; repeat it with VERIFY_SEED=${seed}`, { cause: error });
    }
  }
}

test('whatever a healthy network does to it, healthy traffic is judged clean', () => {
  inRounds(HEALTHY_ROUNDS, FIRST_SEED, (seed) => {
    const verification = judge(evidenceOf(labOf(seed)));
    if (verification.verdict !== 'pass') throw new Error(reportAsText(verification));
  });
});

const broken = Object.entries(mutations).map(([name, mutation], at) => ({ name, ...mutation, at }));

test.each(broken)('when $name, it is never judged clean', ({ change, found, at }) => {
  inRounds(BROKEN_ROUNDS, FIRST_SEED + 1_000 + at * BROKEN_ROUNDS, (seed) => {
    const lab = change(labOf(seed), randomFrom(seed, 4));
    const { verdict, reasons } = judge(evidenceOf(lab));
    expect(verdict).toBe('fail');
    expect(reasons.filter(({ code }) => found.includes(code))).not.toEqual([]);
  });
});
