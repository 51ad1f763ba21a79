/**
 * A comparison while the copy runs: segments of both servers in, as they are told, and at any time an account. It has no end but that of
 * the copy: what waits for a partner in vain is let go of now and then. No I/O, and no clock.
 */
import { holdAddress, type Address } from '../../wire/address/address';
import type { SegmentView } from '../../wire/segment';
import { Comparison, type ComparisonOptions } from '../account/comparison';
import { reportOf, type ComparisonReport } from '../account/report';
import {
  Connections,
  noConnections,
  type ConnectionCounts,
  type ConnectionsOptions,
} from '../reading/connections';
import { readSeen, type Seen } from '../seen/records';
import { TestSide } from './test-side';

/** Of both sides, without their bodies. */
const WAITING_MAX = 100_000;
const REQUEST_BYTES = 16 * 1024;
/** Servers whose addresses are held for good. */
const SERVERS_MAX = 1000;

export interface LiveOptions extends Pick<ComparisonOptions, 'rules' | 'body_bytes'> {
  /** What is not answered so long before the end will not be. */
  readonly patience_s: number;
  /** Of answers that wait for their partner. */
  readonly memory_bytes: number;
}

export class LiveComparison {
  /** Connections of the online server that nothing more was told of. */
  leftOut = 0;
  readonly #comparison: Comparison;
  readonly #connections: ConnectionsOptions;
  /** What each tcpcopy tells of its online server. */
  readonly #online = new Map<number, Connections>();
  readonly #test: TestSide;
  /** Of those that are gone. */
  #before = noConnections();
  readonly #servers = new Set<Address>();

  constructor({ rules, body_bytes, memory_bytes, patience_s }: LiveOptions) {
    this.#comparison = new Comparison({
      rules,
      body_bytes,
      waiting_max: WAITING_MAX,
      held_bytes_max: memory_bytes,
      hasReference: false,
    });
    this.#connections = {
      kept: { response_bytes: body_bytes, request_bytes: REQUEST_BYTES },
      isChosen: () => true,
      patience_s,
    };
    this.#test = new TestSide(this.#connections, (exchange) => this.#comparison.add('test', exchange));
  }

  /** Segments of the test server's that were let go of: nobody had told what they answer. */
  get responsesDropped(): number {
    return this.#test.dropped;
  }

  /** @param peer a number for each tcpcopy @param records borrowed @throws SeenError */
  seen(peer: number, records: Uint8Array): void {
    readSeen(records, (seen, segment, time_ms) => this.#take(peer, seen, segment, time_ms / 1000));
  }

  /** @param time_s by the clock of `copy` and `response` */
  response(segment: SegmentView, time_s: number): void {
    this.#test.response(segment, time_s);
  }

  /** Nothing more comes of this tcpcopy. */
  gone(peer: number): void {
    const online = this.#online.get(peer);
    if (!online) return;
    online.end();
    this.#before = sumOf([this.#before, online.counts]);
    this.#online.delete(peer);
    if (this.#online.size === 0) this.#test.end();
  }

  /** To be called now and then, seldom enough for any copy to have come since the call before. */
  settle(): void {
    this.#test.settle();
    this.#comparison.settle();
  }

  /** Lets go of all connections that are open, whatever was said on them. */
  forgetAll(): void {
    for (const online of this.#online.values()) online.forgetAll();
    this.#test.forgetAll();
  }

  /** Nothing more comes. */
  end(): void {
    for (const peer of [...this.#online.keys()]) this.gone(peer);
    this.#test.end();
    this.#comparison.end();
  }

  report(): ComparisonReport {
    const online = sumOf([this.#before, ...[...this.#online.values()].map(({ counts }) => counts)]);
    return reportOf(this.#comparison, { online, test: this.#test.counts });
  }

  #take(peer: number, seen: Seen, segment: SegmentView, time_s: number): void {
    this.#holdServer(seen === 'server' || seen === 'response' ? segment.source : segment.destination);
    switch (seen) {
      case 'client':
        this.#onlineOf(peer).fromClient(segment, time_s);
        break;
      case 'server':
        this.#onlineOf(peer).fromServer(segment, time_s);
        break;
      case 'copy':
        this.#test.copy(segment, time_s);
        break;
      case 'response':
        this.#test.response(segment, time_s);
        break;
      case 'left-out':
        if (this.#onlineOf(peer).forget(segment)) this.leftOut += 1;
        this.#test.leaveOut(segment);
    }
  }

  /** Of clients those hold the addresses that read their connections. */
  #holdServer(address: Address): void {
    if (this.#servers.has(address) || this.#servers.size >= SERVERS_MAX) return;
    this.#servers.add(address);
    holdAddress(address);
  }

  #onlineOf(peer: number): Connections {
    let online = this.#online.get(peer);
    if (!online) {
      online = new Connections(this.#connections, (exchange) => this.#comparison.add('online', exchange));
      this.#online.set(peer, online);
    }
    return online;
  }
}

function sumOf(all: readonly ConnectionCounts[]): ConnectionCounts {
  const sum = noConnections();
  for (const { given_up, ...counts } of all) {
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) sum[name] += counts[name];
    for (const [why, count] of Object.entries(given_up)) sum.given_up[why] = (sum.given_up[why] ?? 0) + count;
  }
  return sum;
}
