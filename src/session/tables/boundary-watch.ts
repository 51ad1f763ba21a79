/**
 * Connections that are not being copied, and where their next request begins: there they can be joined.
 *
 * Only the client's side is captured, so a boundary is known by what the client does: it speaks on, without a hole, after
 * a write that was complete (PSH) and after its acknowledgment moved, so that it had read an answer in between; or it
 * speaks after a silence.
 */
import { seqAdd, seqDiff } from '../../wire/sequence';
import type { SegmentView } from '../../wire/segment';
import { FIN, PSH, RST } from '../../wire/tcp';
import type { DropReason } from './counters';

/** Longer than anything in flight can take to be acknowledged, or to be sent again. */
const SILENCE_MS = 1000;

/** Why the segments of a connection that is watched are not used. */
export type WatchReason = Extract<DropReason, 'not-joined' | 'given-up'>;

/** What the client said last. */
export interface LastWords {
  /** Sequence number behind its last byte. */
  readonly end: number;
  readonly acknowledgment: number;
  /** They were the end of a write: PSH was set, or there were none. */
  readonly complete: boolean;
}

/** How far back it is known that a client said nothing but what was seen. */
export interface SeenSince {
  /** Since when every segment of it would have been seen. */
  readonly seen_ms: number;
  /** The same, and told without delay. */
  readonly promptly_ms: number;
}

interface Watched {
  end: number;
  acknowledgment: number;
  complete: boolean;
  heardAt_ms: number;
  /** It has ended; what is still heard of it is late. */
  over: boolean;
  readonly reason: WatchReason;
}

export class BoundaryWatch {
  readonly #watched = new Map<number, Watched>();
  /** When one was forgotten last: what an unknown connection said until then is not known. */
  #forgottenAt_ms = -Infinity;

  /** @param connections_max more, and the oldest is forgotten */
  constructor(private readonly connections_max: number) {}

  get size(): number {
    return this.#watched.size;
  }

  /** The copy of this connection ended before the connection did. What is known of a later one of its port stays. */
  remember(key: number, words: LastWords, now_ms: number): void {
    if (this.#watched.has(key)) return;
    this.#add(key, { ...words, heardAt_ms: now_ms, over: false, reason: 'given-up' });
  }

  /** It is copied, or another connection of the client has begun. */
  forget(key: number): void {
    this.#watched.delete(key);
  }

  /**
   * Takes note of a segment of a connection that is not being copied.
   *
   * @returns undefined when a request begins with it, else why it is not used
   */
  passes(view: SegmentView, key: number, since: SeenSince, now_ms: number): WatchReason | undefined {
    const known = this.#watched.get(key);
    // What it said before may have been followed by what nobody saw.
    const watched = known && known.heardAt_ms >= since.seen_ms ? known : undefined;
    const heardAt_ms = Math.max(watched?.heardAt_ms ?? this.#forgottenAt_ms, since.promptly_ms);
    const silent = now_ms - heardAt_ms >= SILENCE_MS;
    if (!watched || (watched.over && (silent || seqDiff(view.sequence, watched.end) > 1)))
      return this.#passesFirst(view, key, silent, now_ms);
    watched.heardAt_ms = now_ms;
    const ahead_bytes = seqDiff(view.sequence, watched.end);
    // An end that lies behind is that of the client's connection before this one, seen late.
    watched.over ||= (view.flags & (FIN | RST)) !== 0 && ahead_bytes + view.payloadLength >= 0;
    if (view.payloadLength === 0 || watched.over) return watched.reason;
    const answered = watched.complete && seqDiff(view.acknowledgment, watched.acknowledgment) > 0;
    const end = seqAdd(view.sequence, view.payloadLength);
    if (seqDiff(end, watched.end) > 0) {
      watched.end = end;
      watched.acknowledgment = view.acknowledgment;
      watched.complete = (view.flags & PSH) !== 0;
    }
    // Behind a hole, what was not seen may be the beginning of this request.
    return ahead_bytes === 0 && (answered || silent) ? undefined : watched.reason;
  }

  /** @param silent for as long as would matter */
  #passesFirst(view: SegmentView, key: number, silent: boolean, now_ms: number): WatchReason | undefined {
    const wordless = view.payloadLength === 0;
    this.#add(key, {
      end: seqAdd(view.sequence, view.payloadLength),
      // Words may be the middle of something. An acknowledgment without words says that an answer was read.
      acknowledgment: seqAdd(view.acknowledgment, wordless ? -1 : 0),
      complete: wordless || (view.flags & PSH) !== 0,
      heardAt_ms: now_ms,
      over: (view.flags & (FIN | RST)) !== 0,
      reason: 'not-joined',
    });
    const begins = !wordless && (view.flags & (FIN | RST)) === 0 && silent;
    return begins ? undefined : 'not-joined';
  }

  #add(key: number, watched: Watched): void {
    this.#watched.delete(key);
    if (this.#watched.size >= this.connections_max) {
      const [oldest] = this.#watched.keys();
      if (oldest !== undefined) this.#watched.delete(oldest);
      this.#forgottenAt_ms = watched.heardAt_ms;
    }
    this.#watched.set(key, watched);
  }
}
