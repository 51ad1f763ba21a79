/** One transfer and everything that is copied of it: its lanes, and what was learned of its test server. */
import { familyOf, holdAddress, wordOf } from '../wire/address/address';
import type { SegmentView } from '../wire/segment';
import { spread } from '../wire/spread';
import type { Transfer } from './contract';
import { start } from './connection/handshake';
import type { Session } from './connection/session';
import { TestServer } from './connection/test-server';
import type { EngineState } from './engine-state';
import { Lane, type LaneGroup } from './lane';
import { connectionKey, PLACES } from './tables/connection-key';
import { Multipath } from './tables/multipath';

/**
 * Addresses of the online server that have a place of their own. It may have a whole prefix for itself, of which clients choose:
 * then others share these, and only what one client endpoint says to two of them at a time could be mistaken.
 */
const OWN_PLACES_MAX = 256;

export class Copied implements LaneGroup {
  readonly testServer: TestServer<Session>;
  readonly #multipath: Multipath;
  /** Whoever waits for the test server is to look again. */
  #hasMissed = false;
  /** Of the online server's addresses. */
  readonly #places = new Map<number, number>();
  /** The one that was asked for last: mostly there is only one. */
  #latest = -1;
  #latestPlace = 0;
  /** For so many places each: a lane for each copy. */
  readonly #tables: (readonly Lane[])[] = [];

  constructor(
    private readonly engine: EngineState,
    readonly transfer: Transfer,
  ) {
    this.testServer = new TestServer<Session>(start, engine.packetMax_bytes);
    this.#multipath = new Multipath((token) => engine.outputs.joinsUnknown?.(token));
  }

  takes({ destination, destinationPort }: SegmentView): boolean {
    const { onlineAddress, onlineFamily, onlinePort } = this.transfer;
    if (onlinePort !== destinationPort) return false;
    if (onlineAddress !== undefined) return onlineAddress === destination;
    return onlineFamily === undefined || onlineFamily === familyOf(destination);
  }

  /** A client's connections with two addresses of the online server are two, also from the same port. */
  keyOf({ source, sourcePort, destination }: SegmentView): number {
    return connectionKey(source, sourcePort, this.#placeOf(destination) % PLACES);
  }

  /** Its bytes, or those of the connection that it joins, come over several connections at once. */
  isSpread(view: SegmentView, key: number): boolean {
    const noticed = this.#multipath.notice(view, key);
    if (typeof noticed === 'number') for (const lane of this.lanes()) lane.giveUp(noticed, 'mptcp');
    return noticed !== undefined;
  }

  /** A subflow that another worker has seen joins the connection of this token, if it is one of these. */
  isJoined(token: number): void {
    const joined = this.#multipath.isJoined(token);
    if (joined !== undefined) for (const lane of this.lanes()) lane.giveUp(joined, 'mptcp');
  }

  lanesFor({ destination }: SegmentView): readonly Lane[] {
    const table = Math.floor(this.#placeOf(destination) / PLACES);
    return (this.#tables[table] ??= Array.from(
      { length: this.engine.copies },
      (_, copy) => new Lane(this.engine, this, copy),
    ));
  }

  /** @param copies of each connection that is seen from now on; lanes beyond these have no part in them */
  widen(copies: number, now_ms: number): void {
    // Tables of places that were not seen yet have no lanes, and are passed over.
    this.#tables.forEach((lanes, table) => {
      for (const lane of lanes.slice(this.engine.copies, copies)) lane.reopen(now_ms);
      const missing = Math.max(0, copies - lanes.length);
      const added = Array.from({ length: missing }, (_, index) => {
        const lane = new Lane(this.engine, this, lanes.length + index);
        lane.reopen(now_ms);
        return lane;
      });
      this.#tables[table] = [...lanes, ...added];
    });
  }

  lanes(): Lane[] {
    return this.#tables.flat();
  }

  tellMissed(): void {
    this.#hasMissed = true;
  }

  /** Runs what is due. */
  tick(now_ms: number): void {
    this.testServer.handshakes.tick(now_ms);
    this.lookAgain();
  }

  lookAgain(): void {
    if (!this.#hasMissed) return;
    this.#hasMissed = false;
    for (const lane of this.lanes()) lane.lookAgain();
  }

  #placeOf(destination: number): number {
    if (destination === this.#latest) return this.#latestPlace;
    let place = this.#places.get(destination);
    if (place === undefined) {
      if (this.#places.size === OWN_PLACES_MAX) return spread(wordOf(destination)) % OWN_PLACES_MAX;
      holdAddress(destination);
      this.#places.set(destination, (place = this.#places.size));
    }
    this.#latest = destination;
    this.#latestPlace = place;
    return place;
  }
}
