/** TLS (RFC 8446, section 4.1.2): whatever is said behind the greetings is encrypted with keys that both sides drew. */
import type { LogIn } from './log-in';

const HANDSHAKE = 22;
const MAJOR_VERSION = 3;
const CLIENT_HELLO = 1;
const RECORD_HEADER_BYTES = 5;

const MEND = 'copy behind a proxy that ends TLS; or let clients speak without it';

/** @param at offset where it begins, if it does @param around what it is spoken in */
export function tlsFrom(said: Buffer, at: number, around?: string): LogIn | undefined {
  if (said.length < at + RECORD_HEADER_BYTES + 1) return undefined;
  const begins =
    said[at] === HANDSHAKE &&
    said[at + 1] === MAJOR_VERSION &&
    said[at + RECORD_HEADER_BYTES] === CLIENT_HELLO;
  if (!begins) return undefined;
  const method = around === undefined ? 'TLS' : `${around}, TLS`;
  // The greeting itself is the same for everybody.
  const answered = at + RECORD_HEADER_BYTES + said.readUInt16BE(at + 3) + 1;
  return { method, answered, behind: said.length, mend: MEND };
}
