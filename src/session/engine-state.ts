/** What all lanes of an engine share: limits, counters, timers, source endpoints, and the way out. */
import { Passlist, type LettingThrough } from '../passlist/passlist';
import type { GuardLevel } from '../wire/guard';
import type { Route } from '../wire/reply';
import { Admission } from './tables/admission';
import type { SeenSince } from './tables/boundary-watch';
import type { EngineOptions, EngineOutputs } from './contract';
import { newCounters } from './tables/counters';
import { Deadlines } from './tables/deadlines';
import { partAtOnce } from './events/deadline';
import { PacketWriter } from './sending/packet-writer';
import type { Session } from './connection/session';
import { Lateness } from './tables/lateness';
import { Lingering } from './tables/lingering';
import { SourceEndpoints } from './tables/source-endpoints';

/** What a session without captured bytes takes, roughly: objects, map entries, timers. */
export const SESSION_BYTES = 2048;
/** Copies that wait at the same time for what their test server may still say to a client that is gone. */
const LINGERING_MAX = 16_384;

export class EngineState {
  readonly counters = newCounters();
  readonly admission: Admission;
  readonly deadlines = new Deadlines<Session>();
  readonly sources: SourceEndpoints<Session>;
  readonly writer: PacketWriter;
  readonly lateness = new Lateness();
  readonly lingering = new Lingering<Session>(LINGERING_MAX, (session) => {
    this.counters.lingers_cut_short += 1;
    partAtOnce(session);
  });

  /** Largest packet that is ever sent. */
  readonly packetMax_bytes: number;
  /** What a made-up SYN states, at most. */
  readonly joinSegment_bytes: number;
  readonly idle_ms: number;
  readonly response_ms: number;
  readonly sessions_max: number;
  readonly memory_bytes: number;
  readonly waitForAnswers: boolean;
  readonly wholeConnectionsOnly: boolean;
  readonly lateMax_ms: number;
  readonly repeatsDoubtful: boolean;

  /** Of each connection that begins. */
  copies: number;
  sessionCount = 0;
  held_bytes = 0;
  /** Grows whenever words of a client have to wait for an answer. */
  heldBack = 0;
  guard: GuardLevel = 'disarmed';
  /** When it was suspended last. */
  suspendedAt_ms = 0;
  /** Since when every segment of every client has been seen; Infinity before the first event. */
  watchedSince_ms = Infinity;
  /** When segments waited last before they were told: a silence is counted from then on. */
  lateAt_ms = -Infinity;
  now_ms = 0;
  /** Our clock less that of whoever tells of replies; NaN where that is not known. */
  replyClockAhead_ms = NaN;
  /** Who said something new since packets left last, in that order. */
  readonly spoke: Session[] = [];
  /** What the guard lets responses through to. */
  passlist: LettingThrough = new Passlist();

  constructor(
    options: EngineOptions,
    readonly outputs: EngineOutputs,
  ) {
    const { percentage = 100, gradual = false, copies = 1 } = options;
    this.copies = copies;
    this.admission = new Admission({ percentage, gradual });
    this.packetMax_bytes = options.mtu_bytes ?? 1500;
    this.joinSegment_bytes = options.segment_bytes ?? 1460;
    this.response_ms = options.response_ms ?? 600_000;
    this.idle_ms = options.idle_ms ?? this.response_ms + 120_000;
    this.sessions_max = options.sessions_max ?? 100_000;
    this.memory_bytes = options.memory_bytes ?? 2048 * 2 ** 20;
    this.waitForAnswers = options.waitForAnswers ?? true;
    this.wholeConnectionsOnly = options.wholeConnectionsOnly ?? false;
    this.lateMax_ms = options.lateMax_ms ?? Infinity;
    this.repeatsDoubtful = options.repeatsDoubtful ?? false;
    this.writer = new PacketWriter(this.packetMax_bytes);
    this.sources = new SourceEndpoints<Session>({
      addresses: options.sourceAddresses ?? [],
      own: options.own,
      portShift: options.portShift ?? 0,
      loopbackAddress: options.loopbackAddress,
      share: options.share,
      isHeld: (route) => this.#isHeld(route),
    });
  }

  /** The guard lets answers to it through. Of a client's address no port is a copy's but where the copies are this machine's. */
  isPassed({ clientAddress, clientPort }: Route): boolean {
    return this.sources.isOwn(clientAddress)
      ? this.passlist.passes(clientAddress, clientPort)
      : this.passlist.has(clientAddress);
  }

  /** Since when a client would have been seen, and since when without delay. @param from_ms not before that */
  seenSince(key: number, from_ms = -Infinity): SeenSince {
    const seen_ms = Math.max(this.watchedSince_ms, this.admission.openedAt_ms(key), from_ms);
    return { seen_ms, promptly_ms: Math.max(seen_ms, this.lateAt_ms) };
  }

  /** What the sessions hold, in bytes. */
  get memoryUsed_bytes(): number {
    return this.held_bytes + this.sessionCount * SESSION_BYTES;
  }

  #isHeld(route: Route): boolean {
    const isHeld = this.outputs.isHeld?.(route) ?? false;
    if (isHeld) this.counters.source_ports_held += 1;
    return isHeld;
  }
}
