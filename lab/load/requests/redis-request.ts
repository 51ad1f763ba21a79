/** One Redis command as an array of bulk strings (RESP, the Redis serialization protocol). */
import { bodySize } from './body-size';
import type { Random } from './random';
import { BODY_BYTES_MAX, type RequestPlace } from './request-place';

const COMMANDS = ['SET', 'SET', 'GET', 'GET', 'GET', 'INCR', 'APPEND'] as const;
/** What is stored goes away by itself. */
const EXPIRY_S = '600';

const text = new TextEncoder();

export function redisRequest(place: RequestPlace, random: Random): Uint8Array {
  const command = place.bodyBytes === undefined ? random.pick(COMMANDS) : 'SET';
  const value = (): Uint8Array => random.bytes(place.bodyBytes ?? bodySize(random, BODY_BYTES_MAX));
  switch (command) {
    case 'SET':
      return arrayOf(command, place.identity, value(), 'EX', EXPIRY_S);
    case 'APPEND':
      return arrayOf(command, place.identity, value());
    case 'GET':
    case 'INCR':
      return arrayOf(command, place.identity);
  }
}

function arrayOf(...words: readonly (string | Uint8Array)[]): Uint8Array {
  const parts: Uint8Array[] = [text.encode(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === 'string' ? text.encode(word) : word;
    parts.push(text.encode(`$${bytes.length}\r\n`), bytes, text.encode('\r\n'));
  }
  return concatenate(parts);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
