/** Header fields as HTTP/2 compresses them (HPACK, RFC 7541): each block by what was said in those before it. */
import { unpacked } from './huffman';

export type Field = readonly [name: string, value: string];

/** Appendix A, from 1 on. */
const STATIC: readonly Field[] = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`
  .split('\n')
  .map((line): Field => {
    const [, name = '', value = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    return [name, value];
  });

/** Until another one is said, and the most that one may say here. */
const TABLE_BYTES = 4096;
const TABLE_BYTES_MAX = 1024 * 1024;
/** What an entry counts besides its text (section 4.1). */
const ENTRY_BYTES = 32;
const FIELDS_MAX = 10_000;

class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** One direction of a connection. */
export class HeaderDecoder {
  /** The newest first. */
  readonly #table: Field[] = [];
  #table_bytes = 0;
  #max_bytes = TABLE_BYTES;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @returns the fields of a whole block; undefined where it is none, behind which nothing can be read */
  fields(block: Buffer): Field[] | undefined {
    this.#block = block;
    this.#at = 0;
    const fields: Field[] = [];
    try {
      while (this.#at < block.length) {
        const field = this.#next();
        if (field) fields.push(field);
        if (fields.length > FIELDS_MAX) return undefined;
      }
      return fields;
    } catch (error) {
      if (error instanceof Malformed) return undefined;
      throw error;
    }
  }

  /** Undefined for what only changes the table. */
  #next(): Field | undefined {
    const first = this.#block[this.#at]!;
    if (first & 0x80) return this.#entry(this.#number(7));
    if (first & 0x40) return this.#add(this.#literal(6));
    if (first & 0x20) {
      this.#max_bytes = this.#number(5);
      if (this.#max_bytes > TABLE_BYTES_MAX) throw new Malformed();
      this.#evict();
      return undefined;
    }
    return this.#literal(4);
  }

  #entry(index: number): Field {
    const entry = index <= STATIC.length ? STATIC[index - 1] : this.#table[index - 1 - STATIC.length];
    if (!entry) throw new Malformed();
    return entry;
  }

  #literal(prefix: number): Field {
    const index = this.#number(prefix);
    const name = index === 0 ? this.#text() : this.#entry(index)[0];
    return [name, this.#text()];
  }

  #add(field: Field): Field {
    this.#table.unshift(field);
    this.#table_bytes += sizeOf(field);
    this.#evict();
    return field;
  }

  #evict(): void {
    while (this.#table_bytes > this.#max_bytes) this.#table_bytes -= sizeOf(this.#table.pop()!);
  }

  /** Section 5.1. */
  #number(prefix: number): number {
    const most = 2 ** prefix - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let scale = 1; scale <= 2 ** 21; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new Malformed();
  }

  /** Section 5.2; as latin1. */
  #text(): string {
    const isPacked = (this.#block[this.#at]! & 0x80) !== 0;
    const length = this.#number(7);
    if (this.#at + length > this.#block.length) throw new Malformed();
    const bytes = this.#block.subarray(this.#at, this.#at + length);
    this.#at += length;
    const text = isPacked ? unpacked(bytes) : bytes.toString('latin1');
    if (text === undefined) throw new Malformed();
    return text;
  }

  #byte(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw new Malformed();
    this.#at += 1;
    return byte;
  }
}

const sizeOf = ([name, value]: Field): number => name.length + value.length + ENTRY_BYTES;
