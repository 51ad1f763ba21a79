/**
 * Connections that are not being copied, and where their next request begins: there they can be joined.
 *
 * Only the client's side is captured, so a boundary is known by what the client does: it speaks on, without a hole, after
 * a write that was complete (PSH) and after its acknowledgment moved, so that it had read an answer in between; or it
 * speaks after a silence.
 */
import { seqAdd, seqDiff } from '../wire/sequence';
import type { SegmentView } from '../wire/segment';
import { FIN, PSH, RST } from '../wire/tcp';
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

interface Watched {
  end: number;
  acknowledgment: number;
  complete: boolean;
  heardAt_ms: number;
  readonly reason: WatchReason;
}

export class BoundaryWatch {
  readonly #watched = new Map<number, Watched>();

  /** @param connections_max more, and the oldest is forgotten */
  constructor(private readonly connections_max: number) {}

  get size(): number {
    return this.#watched.size;
  }

  /** The copy of this connection ended before the connection did. */
  remember(key: number, words: LastWords, now_ms: number): void {
    this.#add(key, { ...words, heardAt_ms: now_ms, reason: 'given-up' });
  }

  forget(key: number): void {
    this.#watched.delete(key);
  }

  /**
   * Takes note of a segment of a connection that is not being copied.
   *
   * @param watchedSince_ms since when every segment of every connection would have been seen
   * @returns undefined when a request begins with it, else why it is not used
   */
  passes(view: SegmentView, key: number, watchedSince_ms: number, now_ms: number): WatchReason | undefined {
    const watched = this.#watched.get(key);
    if (view.flags & (FIN | RST)) {
      this.#watched.delete(key);
      return watched?.reason ?? 'not-joined';
    }
    const silentSince_ms = Math.max(watched?.heardAt_ms ?? -Infinity, watchedSince_ms);
    const end = seqAdd(view.sequence, view.payloadLength);
    if (!watched) {
      if (view.payloadLength > 0 && now_ms - silentSince_ms >= SILENCE_MS) return undefined;
      this.#add(key, {
        end,
        // Words may be the middle of something. An acknowledgment without words says that an answer was read.
        acknowledgment: seqAdd(view.acknowledgment, view.payloadLength === 0 ? -1 : 0),
        complete: view.payloadLength === 0 || (view.flags & PSH) !== 0,
        heardAt_ms: now_ms,
        reason: 'not-joined',
      });
      return 'not-joined';
    }
    if (view.payloadLength === 0) {
      watched.heardAt_ms = now_ms;
      return watched.reason;
    }
    const ahead_bytes = seqDiff(view.sequence, watched.end);
    const answered = watched.complete && seqDiff(view.acknowledgment, watched.acknowledgment) > 0;
    const silent = now_ms - silentSince_ms >= SILENCE_MS;
    if ((ahead_bytes === 0 && answered) || (ahead_bytes >= 0 && silent)) {
      this.#watched.delete(key);
      return undefined;
    }
    if (seqDiff(end, watched.end) > 0) {
      watched.end = end;
      watched.acknowledgment = view.acknowledgment;
      watched.complete = (view.flags & PSH) !== 0;
    }
    watched.heardAt_ms = now_ms;
    return watched.reason;
  }

  #add(key: number, watched: Watched): void {
    if (this.#watched.size >= this.connections_max) {
      const [oldest] = this.#watched.keys();
      if (oldest !== undefined) this.#watched.delete(oldest);
    }
    this.#watched.set(key, watched);
  }
}
