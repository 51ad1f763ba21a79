/**
 * A client's connection with the online server, as it would be seen on a wire without faults: when the client says what,
 * and how much of the online server's stream it has acknowledged then. It is known before the world is played.
 */
import { ACK, FIN, PSH, RST, SYN } from '../../../../src/wire/tcp';
import { sum, type ConnectionPlan, type WorldPlan } from './plan';
import type { Random } from './random';

const ROUND_TRIP_MS = 0.2;
const GREETS_AFTER_MS = 0.3;
/** A client uses its port again after at most so long. */
const REUSE_MAX_MS = 60;

export interface Said {
  readonly at_ms: number;
  readonly flags: number;
  /** Of the client's stream; the SYN stands at 0, the first byte at 1. */
  readonly offset: number;
  readonly length: number;
  /** Bytes of the online server that the client has read. */
  readonly heard: number;
  /** Index of the request that it belongs to, or -1. */
  readonly request: number;
}

export interface RequestMark {
  readonly begins_ms: number;
  /** Bytes of the client's stream, counted from 0. */
  readonly from: number;
  readonly to: number;
  /** Everything before it was answered. */
  readonly idle: boolean;
}

export interface Conversation {
  readonly plan: ConnectionPlan;
  readonly said: readonly Said[];
  readonly requests: readonly RequestMark[];
  readonly total_bytes: number;
  readonly ends_ms: number;
}

interface Moment {
  readonly at_ms: number;
  readonly hears: number;
  readonly says:
    | { readonly flags: number; readonly offset: number; readonly length: number; readonly request: number }
    | undefined;
}

/** Of all clients. */
export function conversationsOf({ connections }: WorldPlan, random: Random): Conversation[] {
  const free_ms = new Map<string, number>();
  return connections.map((connection) => {
    const key = `${connection.client}:${connection.port}-${connection.online}`;
    const conversation = converse(connection, Math.max(connection.startsAt_ms, free_ms.get(key) ?? 0));
    free_ms.set(key, conversation.ends_ms + random.next() * REUSE_MAX_MS);
    return conversation;
  });
}

function converse(plan: ConnectionPlan, begins_ms: number): Conversation {
  const moments: Moment[] = [];
  const requests: RequestMark[] = [];
  const hear = (at_ms: number, hears: number, acknowledges: boolean, end: number): void => {
    moments.push({ at_ms, hears, says: undefined });
    if (acknowledges) say(at_ms, ACK, end, 0);
  };
  const say = (at_ms: number, flags: number, offset: number, length: number, request = -1): void => {
    moments.push({ at_ms, hears: 0, says: { flags, offset, length, request } });
  };

  say(begins_ms, SYN, 0, 0);
  let now_ms = begins_ms + ROUND_TRIP_MS;
  say(now_ms, ACK, 1, 0);
  let end = 1;
  let wroteAt_ms = now_ms;
  let answeredAt_ms = now_ms;
  let idle = true;
  if (plan.greeting_bytes > 0) {
    now_ms = wroteAt_ms = answeredAt_ms += GREETS_AFTER_MS;
    hear(now_ms, plan.greeting_bytes, false, end);
  }
  for (const [index, exchange] of plan.exchanges.entries()) {
    const request_bytes = sum(exchange.writes);
    requests.push({ begins_ms: now_ms, from: end - 1, to: end - 1 + request_bytes, idle });
    for (const [turn, length] of exchange.writes.entries()) {
      wroteAt_ms = now_ms + turn * exchange.writeGap_ms;
      say(wroteAt_ms, ACK | PSH, end, length, index);
      end += length;
    }
    const { response_bytes, parts } = exchange;
    if (response_bytes > 0) {
      answeredAt_ms = Math.max(answeredAt_ms, wroteAt_ms + ROUND_TRIP_MS + exchange.onlineThinks_ms);
      for (let part = 0; part < parts; part += 1) {
        if (part > 0) answeredAt_ms += exchange.onlineThinks_ms;
        const closed = plan.ending === 'client-half' && index === plan.exchanges.length - 1 ? 1 : 0;
        hear(answeredAt_ms, partOf(response_bytes, parts, part), exchange.acknowledges, end + closed);
      }
    }
    if (plan.ending === 'server-half' && index === plan.exchanges.length - 2)
      hear(answeredAt_ms, 1, true, end);
    now_ms = exchange.waits
      ? Math.max(answeredAt_ms, wroteAt_ms) + exchange.pause_ms
      : wroteAt_ms + Math.max(0.01, exchange.pause_ms);
    idle = exchange.waits && response_bytes > 0;
  }
  const over_ms = Math.max(now_ms, answeredAt_ms);
  switch (plan.ending) {
    case 'client':
      say(over_ms, FIN | ACK, end, 0);
      hear(over_ms + ROUND_TRIP_MS, 1, true, end + 1);
      break;
    case 'server':
      hear(over_ms, 1, true, end);
      say(over_ms, FIN | ACK, end, 0);
      break;
    case 'reset':
      say(over_ms, RST | ACK, end, 0);
      break;
    case 'client-half':
      say(wroteAt_ms + 0.005, FIN | ACK, end, 0);
      hear(over_ms, 1, true, end + 1);
      break;
    case 'server-half':
      say(over_ms, FIN | ACK, end, 0);
      break;
    case 'simultaneous':
      say(over_ms, FIN | ACK, end, 0);
      hear(over_ms + ROUND_TRIP_MS / 2, 1, true, end + 1);
      break;
    case 'vanishes':
      break;
  }
  return { plan, said: inOrder(moments), requests, total_bytes: end - 1, ends_ms: over_ms + ROUND_TRIP_MS };
}

/** The bytes of one of several parts of an answer. */
export const partOf = (total_bytes: number, parts: number, part: number): number =>
  Math.floor((total_bytes * (part + 1)) / parts) - Math.floor((total_bytes * part) / parts);

function inOrder(moments: readonly Moment[]): Said[] {
  const said: Said[] = [];
  let [heard, end] = [0, 0];
  for (const { at_ms, hears, says } of moments.toSorted((a, b) => a.at_ms - b.at_ms)) {
    heard += hears;
    if (!says) continue;
    // What carries nothing stands behind all that was said.
    const offset = says.flags === ACK && says.length === 0 ? Math.max(says.offset, end) : says.offset;
    end = Math.max(end, offset + says.length + (says.flags & (SYN | FIN) ? 1 : 0));
    said.push({ ...says, offset, at_ms, heard });
  }
  return said;
}
