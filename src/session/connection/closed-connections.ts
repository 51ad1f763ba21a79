/**
 * Connections whose copies have ended well, for some seconds: what their clients still say of them, late or again, is known as
 * that. A few numbers for each, since a whole session would be moved and marked by the garbage collector all that time.
 */
import type { SegmentView } from '../../wire/segment';
import { EndpointMap } from '../../wire/tables/endpoint-map';
import { recordsOf } from '../../wire/tables/number-records';
import { SYN } from '../../wire/tcp';
import { toOffset } from '../stream/offsets';

/** For so long a connection is known, and up to twice as long. */
const REMEMBERED_MS = 2000;

const CLOSED = {
  /** The sequence number of the client's stream offset 0. */
  initialSequence: 0,
  /** Stream offsets: behind its last byte, and where its end stood. */
  streamEnd: 0,
  endsAt: 0,
};

class ClosedConnection extends recordsOf(CLOSED) {
  isBegunBy(syn: SegmentView): boolean {
    return this.initialSequence === syn.sequence;
  }

  /** It lies behind the end: its client has begun another connection. */
  isBefore(view: SegmentView): boolean {
    const first = toOffset(view.sequence, this.initialSequence, this.streamEnd);
    return first + (view.flags & SYN ? 1 : 0) > this.endsAt + 1;
  }
}

export class ClosedConnections {
  readonly #connection = new ClosedConnection();
  /** Places, by the client's endpoint: of what was closed lately, and before. */
  #latest = new EndpointMap<number>();
  #earlier = new EndpointMap<number>();
  #since_ms = -Infinity;

  remember(key: number, initialSequence: number, streamEnd: number, endsAt: number, now_ms: number): void {
    this.#turn(now_ms);
    this.forget(key);
    this.#latest.set(key, this.#connection.open());
    this.#connection.initialSequence = initialSequence;
    this.#connection.streamEnd = streamEnd;
    this.#connection.endsAt = endsAt;
  }

  /** @returns the connection, borrowed until another one is asked for */
  find(key: number, now_ms: number): ClosedConnection | undefined {
    this.#turn(now_ms);
    const place = this.#latest.get(key) ?? this.#earlier.get(key);
    if (place === undefined) return undefined;
    this.#connection.standFor(place);
    return this.#connection;
  }

  forget(key: number): void {
    for (const connections of [this.#latest, this.#earlier]) {
      const place = connections.get(key);
      if (place === undefined) continue;
      this.#close(place);
      connections.delete(key);
    }
  }

  #turn(now_ms: number): void {
    if (now_ms - this.#since_ms < REMEMBERED_MS) return;
    const isLongAgo = now_ms - this.#since_ms >= 2 * REMEMBERED_MS;
    this.#since_ms = now_ms;
    this.#empty(this.#earlier);
    if (isLongAgo) this.#empty(this.#latest);
    [this.#latest, this.#earlier] = [this.#earlier, this.#latest];
  }

  #empty(connections: EndpointMap<number>): void {
    for (const place of connections.values()) this.#close(place);
    connections.clear();
  }

  #close(place: number): void {
    this.#connection.standFor(place);
    this.#connection.close();
  }
}
