/** Which protocol a connection speaks, by the first bytes of its client. */
import type { Kept, ReadExchange, Reader } from './exchange';
import { HttpReader } from './http-reader';
import { RedisReader } from './redis-reader';
import { TurnsReader } from './turns-reader';

export type Spoken = 'http' | 'redis' | 'http2' | 'tls' | 'other';

const HTTP2_PREFACE = 'PRI * HTTP/2.0';
const REQUEST_LINE = /^[A-Z][A-Z-]{2,24} [^ \r\n]+(?: HTTP\/1\.[01]\r?\n|[^\r\n]*\r?$)/;
const COMMAND = /^\*[1-9]\d{0,6}\r\n\$\d/;
/** What may become one of both. */
const BEGINNING = /^(?:[A-Z][A-Z-]{0,24} ?|\*(?:[1-9]\d{0,6}(?:\r(?:\n\$?)?)?)?)$/;
const LOOKED_AT_BYTES = 4096;

/** @param bytes the first ones, or more @returns undefined where these are too few to tell */
export function spokenIn(bytes: Buffer): Spoken | undefined {
  // A record of a handshake, in any version (RFC 8446, section 5.1).
  if (bytes[0] === 0x16 && (bytes.length === 1 || bytes[1] === 0x03))
    return bytes.length === 1 ? undefined : 'tls';
  const text = bytes.toString('latin1', 0, LOOKED_AT_BYTES);
  if (text.startsWith(HTTP2_PREFACE)) return 'http2';
  if (BEGINNING.test(text) || HTTP2_PREFACE.startsWith(text)) return undefined;
  if (REQUEST_LINE.test(text)) return 'http';
  return COMMAND.test(text) ? 'redis' : 'other';
}

/** A request may begin here: of a connection that the capture does not have from its start on. */
export const mayBegin = (bytes: Buffer): boolean => {
  const spoken = spokenIn(bytes);
  return spoken === 'http' || spoken === 'redis';
};

/** Undefined where there is nothing to compare: what is encrypted differs by its keys. */
export function readerFor(
  spoken: Spoken,
  kept: Kept,
  tell: (exchange: ReadExchange) => void,
): Reader | undefined {
  if (spoken === 'tls') return undefined;
  if (spoken === 'http') return new HttpReader(kept, tell);
  return spoken === 'redis' ? new RedisReader(kept, tell) : new TurnsReader(kept, tell);
}
