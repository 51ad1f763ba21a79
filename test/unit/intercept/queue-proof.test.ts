/** In a network of its own, with rules of its own: what proves the guard is a canary that was caught, and nothing else. */
import { execFileSync } from 'node:child_process';
import { bareSegment } from '../../../src/guard/bare-segment';
import { openIpLayerSink } from '../../../src/inject/open';
import { OwnAddresses, orOwn } from '../../../src/intercept/replies/own-addresses';
import { openReplyQueue } from '../../../src/intercept/replies/reply-queue';
import type { ReplySource } from '../../../src/intercept/replies/reply-source';
import { Passlist, type OwnCopies } from '../../../src/passlist/passlist';
import { parseAddress } from '../../../src/wire/address/address';
import { ALONE } from '../../../src/wire/tables/share';
import { ACK } from '../../../src/wire/tcp';
import { enterOwnNetwork, ip, mayMakeNetworks } from '../kernel/own-network';

const SERVER = { 4: parseAddress('198.18.0.30')!, 6: parseAddress('2001:2::30')! };
const ONLINE = parseAddress('198.18.0.20')!;
const CLIENT = parseAddress('198.18.0.10')!;
const PORT = 8080;
const RULE = ['OUTPUT', '-p', 'tcp', '--sport', String(PORT), '-j', 'NFQUEUE'];
const TOOLS = { 4: 'iptables', 6: 'ip6tables' } as const;

const rule = (family: 4 | 6, does: '-I' | '-D'): void =>
  void execFileSync(TOOLS[family], [does, ...RULE], { stdio: 'pipe' });

const silent = { info: () => undefined, warning: () => undefined, error: () => undefined };

function open(length: number, ownCopies: readonly OwnCopies[] = [], share = ALONE): ReplySource {
  const passlist = new Passlist(
    ownCopies.map(({ address }) => address),
    ownCopies,
  );
  const events = { replied: () => false, proven: () => undefined };
  const own = new OwnAddresses();
  const passed = { passlist: orOwn(passlist, own), ownCopies, own };
  const source = openReplyQueue('ring', { number: share.index, length }, passed, {}, events, silent, share);
  return {
    ...source,
    get counters() {
      return source.counters;
    },
    close() {
      source.close();
      own.close();
    },
  };
}

/** More responses than there is room for. */
function overflow(): void {
  const sink = openIpLayerSink('ring', () => undefined);
  const [from, to] = [
    { address: SERVER[4], port: PORT },
    { address: CLIENT, port: 40_000 },
  ];
  const said = bareSegment({ from, to, sequence: 1, acknowledgment: 1, flags: ACK, ttl: 64 });
  for (let count = 0; count < 20; count += 1) sink.send(said, said.length, CLIENT);
  sink.close();
}

(mayMakeNetworks ? describe : describe.skip)('a guard', () => {
  let leave: () => void;
  beforeAll(() => {
    leave = enterOwnNetwork();
    ip(
      'link set lo up',
      'link add near type veth peer name far',
      'link set near up',
      'link set far up',
      'address add 198.18.0.30/24 dev near',
      'address add 2001:2::30/64 dev near nodad',
      'route add 100::/64 dev lo',
    );
    rule(4, '-I');
    rule(6, '-I');
  });
  afterAll(() => leave());

  const proves = (source: ReplySource, family: 4 | 6) =>
    source.prove({ address: SERVER[family], port: PORT }, performance.now());
  const proven = { provenAt_ms: expect.any(Number) as number };

  test('is proven in each family by itself, and by no other', () => {
    const source = open(100);
    try {
      expect([proves(source, 4), proves(source, 6)]).toEqual([proven, proven]);
      rule(6, '-D');
      try {
        expect(proves(source, 4)).toEqual(proven);
        expect(proves(source, 6)).toEqual({
          unproven: expect.stringContaining('ip6tables -I OUTPUT') as string,
        });
      } finally {
        rule(6, '-I');
      }
    } finally {
      source.close();
    }
  });

  test('of one family is not proven by a queue that the other family has filled', () => {
    const source = open(4);
    rule(6, '-D');
    try {
      for (let round = 0; round < 3; round += 1) {
        overflow();
        expect(proves(source, 6)).toEqual({
          unproven: expect.stringContaining('ip6tables -I OUTPUT') as string,
        });
      }
    } finally {
      rule(6, '-I');
      source.close();
    }
  });

  test('is proven although the queue was full a moment ago', () => {
    const source = open(4);
    try {
      for (let round = 0; round < 3; round += 1) {
        overflow();
        expect([proves(source, 4), proves(source, 6)]).toEqual([proven, proven]);
      }
    } finally {
      source.close();
    }
  });

  test('lets through what the machine says to itself, also under addresses that come later, and no more when they are gone', async () => {
    const source = open(100);
    const [from, to] = [
      { address: SERVER[6], port: PORT },
      { address: parseAddress('2001:2::31')!, port: 40_000 },
    ];
    const said = bareSegment({ from, to, sequence: 1, acknowledgment: 1, flags: ACK, ttl: 64 });
    /** Asked for again and again: what the kernel tells is read soon. */
    const accepts = async (accepted: boolean): Promise<void> => {
      const sink = openIpLayerSink('ring', () => undefined);
      for (let look = 0; look < 400; look += 1) {
        const before = source.counters['accepted']!;
        sink.send(said, said.length, to.address);
        proves(source, 6);
        if (source.counters['accepted']! > before === accepted) break;
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(look).toBeLessThan(399);
      }
      sink.close();
    };
    try {
      await accepts(false);
      ip('address add 2001:2::31/128 dev lo nodad');
      await accepts(true);
      ip('address del 2001:2::31/128 dev lo');
      await accepts(false);
    } finally {
      source.close();
    }
  });

  test('of own copies is proven also where their ranges have ports in common', () => {
    const copies = (first: number, last: number): OwnCopies => ({ address: ONLINE, ports: { first, last } });
    const source = open(100, [copies(61_000, 61_003), copies(61_000, 61_003), copies(61_002, 61_005)]);
    try {
      for (let round = 0; round < 20; round += 1) expect(proves(source, 4)).toEqual(proven);
    } finally {
      source.close();
    }
  });

  test('of several workers each proves by itself, of its own queue, and none of them without its rule', () => {
    const balanced = (family: 4 | 6, does: '-I' | '-D'): void =>
      void execFileSync(TOOLS[family], [does, ...RULE, '--queue-balance', '0:2'], { stdio: 'pipe' });
    rule(4, '-D');
    rule(6, '-D');
    balanced(4, '-I');
    balanced(6, '-I');
    const sources = [0, 1, 2].map((index) => open(100, [], { index, count: 3 }));
    const all = (family: 4 | 6): unknown[] => sources.map((source) => proves(source, family));
    const none = (rules: string): unknown[] =>
      sources.map(() => ({ unproven: expect.stringContaining(rules) as string }));
    try {
      for (let round = 0; round < 5; round += 1) {
        expect(all(4)).toEqual([proven, proven, proven]);
        expect(all(6)).toEqual([proven, proven, proven]);
      }
      balanced(4, '-D');
      expect(all(4)).toEqual(none('iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE --queue-balance 0:2'));
      expect(all(6)).toEqual([proven, proven, proven]);
      // A rule for one worker alone is none for the others.
      rule(4, '-I');
      const [first, ...others] = all(4);
      expect(first).toEqual(proven);
      expect(others).toEqual(none('--queue-balance 0:2').slice(1));
      rule(4, '-D');
      balanced(4, '-I');
      expect(all(4)).toEqual([proven, proven, proven]);
      // What others send to find their queue counts as nobody's response.
      for (const { counters } of sources) expect(counters['accepted']).toBe(0);
    } finally {
      for (const source of sources) source.close();
      balanced(4, '-D');
      balanced(6, '-D');
      rule(4, '-I');
      rule(6, '-I');
    }
  });
});
