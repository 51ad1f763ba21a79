/**
 * What copies say and what the test server answers, which come by two ways: an answer can be here before the request. It is read
 * behind all that the server had heard when it said it, which its acknowledgment tells (RFC 9293, section 3.4).
 */
import { Connections, type ConnectionsOptions } from '../reading/connections';
import type { Exchange } from '../reading/exchange';
import type { SegmentView } from '../../wire/segment';
import { HeldResponses } from './held-responses';

const HELD_MAX_BYTES = 64 * 1024 * 1024;

export class TestSide {
  readonly #connections: Connections;
  readonly #held = new HeldResponses(HELD_MAX_BYTES);

  constructor(options: ConnectionsOptions, tell: (exchange: Exchange) => void) {
    this.#connections = new Connections(options, tell);
  }

  get counts(): Connections['counts'] {
    return this.#connections.counts;
  }

  /** Segments of the test server's that were let go of. */
  get dropped(): number {
    return this.#held.dropped;
  }

  copy(segment: SegmentView, time_s: number): void {
    this.#connections.fromClient(segment, time_s);
    const { source, sourcePort, destination, destinationPort } = segment;
    const key = keyOf(source, sourcePort, destination, destinationPort);
    if (!this.#held.has(key)) return;
    const isDue = (response: SegmentView): boolean => this.#connections.due(response) !== 'later';
    for (;;) {
      const response = this.#held.takeIf(key, isDue);
      if (!response) break;
      this.#connections.fromServer(response.segment, response.time_s);
    }
  }

  response(segment: SegmentView, time_s: number): void {
    const { source, sourcePort, destination, destinationPort } = segment;
    const key = keyOf(destination, destinationPort, source, sourcePort);
    const due = this.#held.has(key) ? 'later' : this.#connections.due(segment);
    if (due === 'later') this.#held.add(key, segment, time_s);
    else if (due === 'now') this.#connections.fromServer(segment, time_s);
  }

  leaveOut(segment: SegmentView): void {
    this.#connections.forget(segment);
    const { source, sourcePort, destination, destinationPort } = segment;
    this.#held.drop(keyOf(source, sourcePort, destination, destinationPort));
  }

  /** To be called now and then: what nobody has asked for since the call before is let go of. */
  settle(): void {
    this.#held.expire();
  }

  forgetAll(): void {
    this.#connections.forgetAll();
    this.#held.clear();
  }

  end(): void {
    this.#connections.end();
    this.#held.clear();
  }
}

const keyOf = (client: number, clientPort: number, server: number, serverPort: number): string =>
  `${client} ${clientPort} ${server} ${serverPort}`;
