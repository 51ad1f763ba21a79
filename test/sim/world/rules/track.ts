/** What is known about one client connection while its world is played: what happened to it, and what excuses a loss. */
import type { DropReason } from '../../../../src/session/tables/counters';
import type { SegmentView } from '../../../../src/wire/segment';
import type { Conversation } from '../plan/conversation';

/** Drops that lose nothing. */
const HARMLESS: ReadonlySet<DropReason> = new Set(['repeated', 'after-close']);

export class Track {
  /** Requests of which capture saw a segment late or not at all; -1 for what belongs to none. */
  readonly disturbed = new Set<number>();
  /** When its SYN was captured, if it was. */
  synSeen_ms: number | undefined;
  /** The last time at which the copy was interrupted for a reason. */
  disruptedAt_ms = -Infinity;
  /** A counter says that something of it was lost. */
  counted = false;
  notSelected = false;
  /** Of its stream, in bytes from 0: what the engine told to be doubtful. */
  readonly doubtful: { readonly from: number; readonly to: number }[] = [];
  /** Its copy ended before its time, and not because there was no room for it. */
  interrupted = false;
  /** There was no room for it, once. */
  leftOut = false;
  /** Something of it was used. */
  used = false;

  constructor(readonly conversation: Conversation) {}

  /** Takes note of what is doubtful. @returns whether it is this client's */
  doubts(client: number, port: number, sequence: number, bytes: number): boolean {
    const { plan, total_bytes } = this.conversation;
    if (plan.client !== client || plan.port !== port) return false;
    const from = (sequence - plan.initialSequence - 1) | 0;
    if (from < 0 || from + bytes > total_bytes) return false;
    this.doubtful.push({ from, to: from + bytes });
    return true;
  }

  dropped(reason: DropReason): void {
    if (HARMLESS.has(reason)) return;
    this.counted = true;
    // Late segments of a connection share the fate of the next one on its port.
    if (reason === 'not-selected' && !this.used) this.notSelected = true;
  }

  /** @param segment that was not used for that reason */
  isLeftOut(now_ms: number, segment?: SegmentView): void {
    this.leftOut = true;
    this.counted = true;
    this.disruptedAt_ms = now_ms;
    if (!segment || segment.payloadLength === 0) return;
    const { requests, plan } = this.conversation;
    const from = (segment.sequence - plan.initialSequence - 1) | 0;
    this.disturbed.add(requests.findLastIndex((request) => request.from <= from));
  }

  /** The copy ended before its time, or the world ended it. */
  disrupted(now_ms: number, counted: boolean): void {
    this.interrupted = true;
    this.disruptedAt_ms = now_ms;
    this.counted ||= counted;
  }
}

/** Longer than this, and a client's silence shows that all was answered. */
const SILENCE_MS = 1010;
/** Capture sees nothing later than this. */
const LATE_MAX_MS = 3;

/**
 * The first byte of a client's stream from which on everything must have been heard: of a connection whose copy was
 * interrupted, the first request that begins when everything before it was answered, and of which capture could know
 * that: it saw the request before it, or a silence in which nothing had to wait to be read. Infinity when there is none.
 */
export function heardFrom(
  track: Track,
  captureStarts_ms: number,
  worldDisruptedAt_ms: number,
  lateAt_ms: number,
): number {
  const { requests, said, total_bytes } = track.conversation;
  const since_ms = Math.max(track.disruptedAt_ms, worldDisruptedAt_ms);
  if (track.synSeen_ms !== undefined && track.synSeen_ms > since_ms) return 0;
  for (const [index, request] of requests.entries()) {
    if (!request.idle || request.begins_ms <= since_ms || track.disturbed.has(index)) continue;
    const before = requests[index - 1];
    const known = before && before.begins_ms > since_ms && !track.disturbed.has(index - 1);
    const spokeAt_ms = said.findLast((one) => one.at_ms < request.begins_ms)?.at_ms ?? -Infinity;
    const silent = request.begins_ms - Math.max(spokeAt_ms, since_ms, lateAt_ms) >= SILENCE_MS;
    // Behind a hole a silence tells nothing; before capture there was none to know of.
    const whole = spokeAt_ms < captureStarts_ms - LATE_MAX_MS || !track.disturbed.has(index - 1);
    if (known || (silent && whole)) return request.from;
  }
  return total_bytes;
}
