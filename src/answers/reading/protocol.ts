/** Which protocol a connection speaks, by the first bytes of its client. */
import type { Kept, ReadExchange, Reader } from './exchange';
import { HttpReader } from './http-reader';
import { Http2Reader } from './http2-reader';
import { RedisReader } from './redis-reader';
import { TurnsReader } from './turns-reader';

export type Spoken = 'http' | 'redis' | 'http2' | 'tls' | 'other';

const HTTP2_PREFACE = 'PRI * HTTP/2.0';
const REQUEST_LINE = /^[A-Z][A-Z-]{2,24} [^ \r\n]+(?: HTTP\/1\.[01]\r?\n|[^\r\n]*\r?$)/;
const COMMAND = /^\*[1-9]\d{0,6}\r\n\$\d/;
/** What may become one of both. */
const BEGINNING = /^(?:[A-Z][A-Z-]{0,24} ?|\*(?:[1-9]\d{0,6}(?:\r(?:\n\$?)?)?)?)$/;
/** Types of records, from a change of the cipher to a heartbeat (RFC 8446, section 5.1); how long one may be at most. */
const [TLS_FIRST, TLS_HANDSHAKE, TLS_LAST] = [0x14, 0x16, 0x18];
const TLS_RECORD_MAX_BYTES = 2 ** 14 + 2048;
const LOOKED_AT_BYTES = 4096;

/** @param bytes the first ones, or more @returns undefined where these are too few to tell */
export function spokenIn(bytes: Buffer): Spoken | undefined {
  // In any version.
  if (bytes[0] === TLS_HANDSHAKE && (bytes.length === 1 || bytes[1] === 0x03))
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

/** The same of a record, in the middle of a connection. */
export const isTlsRecord = (bytes: Buffer): boolean =>
  bytes.length >= 5 &&
  bytes[0]! >= TLS_FIRST &&
  bytes[0]! <= TLS_LAST &&
  bytes[1] === 0x03 &&
  bytes[2]! <= 0x04 &&
  bytes.readUInt16BE(3) <= TLS_RECORD_MAX_BYTES;

/** Undefined where there is nothing to compare: what is encrypted differs by its keys. */
export function readerFor(
  spoken: Spoken,
  kept: Kept,
  tell: (exchange: ReadExchange) => void,
): Reader | undefined {
  if (spoken === 'tls') return undefined;
  if (spoken === 'http') return new HttpReader(kept, tell);
  if (spoken === 'http2') return new Http2Reader(kept, tell);
  return spoken === 'redis' ? new RedisReader(kept, tell) : new TurnsReader(kept, tell);
}
