/**
 * Which exchange of the online server's is which of the test server's. A copy says the same bytes under the same sequence number, whatever
 * its address: that is exact, also where it joined late. Where a client's connection was played on in a new one its numbers are
 * others; then it goes by the same bytes, and among these by the client's address, in order.
 */
import { heldBytes, type Exchange, type Response } from '../reading/exchange';
import { withoutBytes } from '../reading/body';

export interface Pair {
  readonly online: Exchange;
  readonly test: Exchange;
  readonly by: 'sequence' | 'order';
}

export interface MatchingOptions {
  /** Exchanges that wait, of both sides. */
  readonly waiting_max: number;
  /** Of what those hold; beyond it the oldest are compared by what they are known by without their bytes. */
  readonly held_bytes_max: number;
}

export type Side = 'online' | 'test';

interface Waiting {
  exchange: Exchange;
  held_bytes: number;
}

interface Entry {
  readonly side: Side;
  readonly waiting: Waiting;
  /** How often it had been settled before it came. */
  readonly since: number;
}

export class Matching {
  /** Exchanges without a partner, by side. */
  readonly unmatched: Record<Side, number> = { online: 0, test: 0 };
  /** Let go of their bytes before their partner came. */
  shortened = 0;
  /** Exchanges of each side since one found its partner: who reads both captures keeps them in step by it. */
  readonly since: Record<Side, number> = { online: 0, test: 0 };
  readonly #waiting: Record<Side, Map<string, Waiting[]>> = { online: new Map(), test: new Map() };
  /** All of both, the oldest first. */
  readonly #order = new Set<Entry>();
  readonly #entries = new Map<Waiting, Entry>();
  #settlements = 0;
  /** Those that hold bytes, the oldest first. */
  readonly #holding = new Set<Waiting>();
  #held_bytes = 0;

  /** @param pair is told of each; @param single of each that has no partner */
  constructor(
    private readonly options: MatchingOptions,
    private readonly pair: (pair: Pair) => void,
    private readonly single: (side: Side, exchange: Exchange) => void = () => undefined,
  ) {}

  add(side: Side, exchange: Exchange): void {
    this.since[side] += 1;
    const other: Side = side === 'online' ? 'test' : 'online';
    const key = exactKey(exchange);
    const [partner] = this.#waiting[other].get(key) ?? [];
    if (partner) {
      this.since.online = this.since.test = 0;
      this.#remove(other, partner);
      this.#tell(side, exchange, partner.exchange, 'sequence');
      return;
    }
    const waiting = { exchange, held_bytes: heldBytes(exchange) };
    const entry = { side, waiting, since: this.#settlements };
    push(this.#waiting[side], key, waiting);
    this.#order.add(entry);
    this.#entries.set(waiting, entry);
    this.#holding.add(waiting);
    this.#held_bytes += waiting.held_bytes;
    this.#bound();
  }

  /** Nothing more comes: what is left finds a partner by its bytes, of the same client where there is one, or none. */
  end(): void {
    this.#settlements = Infinity;
    this.settle();
  }

  /** The same of those that have waited since this was called last. */
  settle(): void {
    const old: Entry[] = [];
    for (const entry of this.#order) {
      if (entry.since >= this.#settlements) break;
      old.push(entry);
    }
    this.#settlements += 1;
    for (const { side, waiting } of old) this.#remove(side, waiting);
    const left = old.map(({ side, waiting: { exchange } }) => ({ side, exchange }));
    const of = (side: Side): Exchange[] => left.filter((one) => one.side === side).map((one) => one.exchange);
    const first = this.#pairOff(of('online'), of('test'), (one) => `${addressOf(one)} ${one.digest}`);
    const second = this.#pairOff(first.online, first.test, ({ digest }) => digest);
    for (const side of ['online', 'test'] as const)
      for (const exchange of second[side]) this.#leave(side, exchange);
  }

  /** In the order of both. @returns who is left */
  #pairOff(
    online: readonly Exchange[],
    test: readonly Exchange[],
    keyOf: (exchange: Exchange) => string,
  ): Record<Side, Exchange[]> {
    const queues = new Map<string, Exchange[]>();
    // The first stands last, where it is taken from.
    for (const exchange of test.toReversed()) push(queues, keyOf(exchange), exchange);
    const partners = new Set<Exchange>();
    const left = online.filter((exchange) => {
      const partner = queues.get(keyOf(exchange))?.pop();
      if (!partner) return true;
      partners.add(partner);
      this.#tell('online', exchange, partner, 'order');
      return false;
    });
    return { online: left, test: test.filter((exchange) => !partners.has(exchange)) };
  }

  #leave(side: Side, exchange: Exchange): void {
    this.unmatched[side] += 1;
    this.single(side, exchange);
  }

  #tell(side: Side, one: Exchange, other: Exchange, by: Pair['by']): void {
    this.pair(side === 'online' ? { online: one, test: other, by } : { online: other, test: one, by });
  }

  #remove(side: Side, waiting: Waiting): void {
    const key = exactKey(waiting.exchange);
    const all = this.#waiting[side].get(key)!;
    all.splice(all.indexOf(waiting), 1);
    if (all.length === 0) this.#waiting[side].delete(key);
    this.#order.delete(this.#entries.get(waiting)!);
    this.#entries.delete(waiting);
    this.#holding.delete(waiting);
    this.#held_bytes -= waiting.held_bytes;
  }

  #bound(): void {
    for (const waiting of this.#holding) {
      if (this.#held_bytes <= this.options.held_bytes_max) break;
      this.#holding.delete(waiting);
      waiting.exchange = shortened(waiting.exchange);
      this.shortened += 1;
      this.#held_bytes -= waiting.held_bytes;
      waiting.held_bytes = 0;
    }
    if (this.#order.size <= this.options.waiting_max) return;
    const [oldest] = this.#order;
    this.#remove(oldest!.side, oldest!.waiting);
    this.#leave(oldest!.side, oldest!.waiting.exchange);
  }
}

const exactKey = ({ sequence, digest }: Exchange): string => `${sequence} ${digest}`;

const addressOf = ({ client }: Exchange): string => client.slice(0, client.lastIndexOf(':'));

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const all = map.get(key);
  if (all) all.push(value);
  else map.set(key, [value]);
}

function shortened(exchange: Exchange): Exchange {
  const { response } = exchange;
  return response ? { ...exchange, response: withoutBody(response), shortened: true } : exchange;
}

/** Of a Redis value nothing is left to compare it by. */
function withoutBody(response: Response): Response {
  if (response.protocol !== 'redis') return { ...response, body: withoutBytes(response.body) };
  return { protocol: 'redis', value: { node: { kind: 'plain', type: '_', text: '' }, held_bytes: 0 } };
}
