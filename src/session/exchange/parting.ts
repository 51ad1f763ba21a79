/**
 * When the client's end may be told to the test server. A late end holds up nothing, but keeps a connection open; an early
 * one can cut off an answer, and the request with it.
 */
import type { Exchange } from './exchange';

/** How long an end lingers behind an answer that was shorter, or twice the longest pause that was seen within one. */
const LINGER_MS = 2000;
const PAUSES = 2;
/** A reset also throws away what the test server has not read yet: it waits until nothing moves any more. */
const RESET_SETTLES_MS = 100;

/**
 * May the connection end, the client having read the online server's stream up to `onlineAcknowledged`? All answers count
 * together: which of them were pipelined does not matter any more.
 *
 * @param received_bytes of the test server's stream on this connection @param kind how the client ended
 * @returns undefined when it may, else the time at which to ask again; Infinity while nothing at all has answered
 */
export function partUntil_ms(
  of: Exchange,
  onlineAcknowledged: number,
  received_bytes: number,
  kind: 'fin' | 'rst',
  now_ms: number,
): number | undefined {
  const settles_ms = kind === 'rst' ? of.lastHeard_ms + RESET_SETTLES_MS : -Infinity;
  const expected_bytes = onlineAcknowledged - of.onlineStart;
  const until_ms = Math.max(
    settles_ms,
    received_bytes < expected_bytes ? lingersUntil_ms(of, onlineAcknowledged, now_ms) : -Infinity,
  );
  return now_ms < until_ms ? until_ms : undefined;
}

function lingersUntil_ms(of: Exchange, onlineAcknowledged: number, now_ms: number): number {
  of.waitingSince_ms = Math.min(of.waitingSince_ms, now_ms);
  // The client had read an answer to its last words.
  if (of.answer_bytes === 0 && of.due > 0 && onlineAcknowledged > of.onlineFrom) return Infinity;
  const linger_ms = Math.max(LINGER_MS, of.habits.longestPause_ms * PAUSES);
  return Math.max(of.lastResponse_ms, of.wordsAt_ms) + Math.min(linger_ms, of.host.response_ms);
}
