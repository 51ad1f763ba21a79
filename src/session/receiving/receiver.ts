/**
 * The receiving half of a virtual TCP client: how far the test server's stream has come, when to acknowledge it, and
 * whether it has ended. Only headers are known; the bytes themselves were dropped by the guard.
 */
import { FIN } from '../../wire/tcp';
import type { Reply } from '../../wire/reply';
import { toOffset, toSequence } from '../stream/offsets';
import * as responseStream from './response-stream';

/** RFC 1122, section 4.2.3.2: at most 500 ms; as Linux. The next request usually carries the acknowledgment. */
const DELAYED_ACK_MS = 40;

/** What a session begins with; stream offsets, where nothing else is said. */
export const RECEIVER = {
  /** When an acknowledgment must have gone out at the latest; Infinity when none is owed. */
  acknowledgeAt_ms: Infinity,
  /** The test server's initial sequence number. */
  responseInitialSequence: 0,
  responseNext: 1,
  responseAcknowledged: 1,
  /** Where the test server's FIN stands; Infinity before it was seen. */
  responseFinAt: Infinity,
  /** Of what came early, behind a hole: how far it reaches, and what its last segment acknowledged when it came first. */
  earlyUntil: 0,
  earlyAcknowledges: Infinity,
};
export type Receiver = typeof RECEIVER & responseStream.ResponseStream;

/** Everything up to the test server's FIN has come, the FIN included. */
export const isClosed = (of: Receiver): boolean => of.responseNext > of.responseFinAt;

/** The test server's FIN was seen. */
export const isClosing = (of: Receiver): boolean => of.responseFinAt < Infinity;

/** The test server's SYN. */
export function open(of: Receiver, initialSequence: number, now_ms: number): void {
  of.responseInitialSequence = initialSequence;
  of.acknowledgeAt_ms = now_ms;
}

export const offsetOf = (of: Receiver, reply: Reply): number =>
  toOffset(reply.sequence, of.responseInitialSequence, of.responseNext);

/**
 * A segment with payload or FIN. Two full segments, a hole, a repetition or the end are acknowledged at once
 * (RFC 5681, section 4.2).
 *
 * @returns whether the stream moved on
 */
export function received(of: Receiver, reply: Reply, segment_bytes: number, now_ms: number): boolean {
  const from = offsetOf(of, reply);
  const end = from + reply.payloadLength;
  const fin = reply.flags & FIN ? 1 : 0;
  const fresh = responseStream.received(of, from, end + fin);
  if (fin) of.responseFinAt = end;
  const owed_bytes = of.responseNext - of.responseAcknowledged;
  const soon = !fresh || fin > 0 || owed_bytes >= 2 * segment_bytes;
  of.acknowledgeAt_ms = Math.min(of.acknowledgeAt_ms, now_ms + (soon ? 0 : DELAYED_ACK_MS));
  return fresh;
}

/**
 * What a segment with payload or FIN tells of the client's stream, to be asked once it was `received`. What fills a hole was said before
 * what came behind the hole, and only its repetition acknowledges more.
 *
 * @param acknowledged by its header
 * @returns what was acknowledged when the stream stood where it stands now
 */
export function acknowledgedWhenSaid(of: Receiver, reply: Reply, acknowledged: number): number {
  const end = offsetOf(of, reply) + reply.payloadLength + (reply.flags & FIN ? 1 : 0);
  if (end > of.responseNext) {
    if (end <= of.earlyUntil) return acknowledged;
    of.earlyUntil = end;
    of.earlyAcknowledges = acknowledged;
    return acknowledged;
  }
  const first = Math.min(acknowledged, of.earlyAcknowledges);
  if (of.earlyUntil > 0 && of.responseNext >= of.earlyUntil) {
    of.earlyUntil = 0;
    of.earlyAcknowledges = Infinity;
  }
  return first;
}

/** The acknowledgment number to send; a segment that carries it settles what was owed. */
export function acknowledgment(of: Receiver): number {
  of.responseAcknowledged = of.responseNext;
  of.acknowledgeAt_ms = Infinity;
  return toSequence(of.responseNext, of.responseInitialSequence);
}
