/**
 * One direction of an HTTP/1.1 connection, message by message (RFC 9112), by the parser http-parser-js. What that one would follow into the
 * wrong, or round in a circle, is seen to here.
 */
import { HTTPParser, methods } from 'http-parser-js';
import type { Header } from './exchange';

export interface MessageHead {
  /** Of a request. */
  readonly method: string;
  readonly target: string;
  /** Of a response. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: readonly Header[];
}

/** Behind a head: what its headers tell of, nothing, or nothing of HTTP any more. */
export type Follows = 'body' | 'no body' | 'another protocol';

export interface MessageListener {
  head(head: MessageHead): Follows;
  /** Without the chunks' frames (section 7.1). */
  body(part: Buffer): void;
  /** @param end where in the chunk it ends */
  whole(end: number): void;
}

HTTPParser.encoding = 'latin1';
/** The parser counts the chunk that a head begins in: one of offload has up to 64 KiB, and another message before it. */
const HEAD_BYTES_MAX = 1024 * 1024;
(HTTPParser as { maxHeaderSize: number }).maxHeaderSize = HEAD_BYTES_MAX;

/** What is known of its inside. */
interface Inside {
  readonly offset: number;
  readonly line: string;
  readonly trailers: readonly string[];
  readonly state: string;
  isChunked: boolean;
  consumeLine(): string | undefined;
}

/** With extensions (section 7.1.1). */
const CHUNK_HEAD = /^[\da-f]{1,15}[ \t]*(?:;|$)/i;

class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** As the parser wants to be told. */
const SKIPS: Readonly<Record<Follows, number>> = { body: 0, 'no body': 1, 'another protocol': 2 };

export class HttpMessages {
  readonly #parser: InstanceType<typeof HTTPParser>;
  readonly #inside: Inside;
  #isOver = false;

  constructor(
    kind: 'request' | 'response',
    private readonly listener: MessageListener,
  ) {
    const parser = new HTTPParser(kind === 'request' ? HTTPParser.REQUEST : HTTPParser.RESPONSE);
    this.#parser = parser;
    this.#inside = parser as unknown as Inside;
    const consumeLine = this.#inside.consumeLine.bind(parser);
    this.#inside.consumeLine = () => {
      const isChunkHead = this.#inside.state === 'BODY_CHUNKHEAD';
      const line = consumeLine();
      // By any other it would take the body to be at its end.
      if (isChunkHead && line !== undefined && !CHUNK_HEAD.test(line)) throw new Malformed();
      return line;
    };
    parser[HTTPParser.kOnHeadersComplete] = ({ method, url, statusCode, headers }) => {
      const head = {
        method: methods[method] ?? '',
        target: url,
        status: statusCode,
        headers: pairsOf(headers),
      };
      return this.#head(head);
    };
    parser[HTTPParser.kOnBody] = (part, _offset, length) => {
      // By a length below zero it would go back, and read the same again, for ever.
      if (!(length > 0)) throw new Malformed();
      listener.body(part);
    };
    parser[HTTPParser.kOnMessageComplete] = () => listener.whole(this.#inside.offset);
  }

  /** @returns false where it is no HTTP; nothing is to be read behind that */
  read(chunk: Buffer): boolean {
    try {
      // It stops behind a request for another protocol, which the server need not grant.
      for (let at = 0; at < chunk.length && !this.#isOver;) {
        const read = this.#parser.execute(chunk, at, chunk.length - at);
        if (typeof read !== 'number') return false;
        at += read;
      }
    } catch (error) {
      if (error instanceof Malformed) return false;
      throw error;
    }
    const { line, trailers } = this.#inside;
    return line.length + trailers.length <= HEAD_BYTES_MAX;
  }

  /** The stream has ended in order: so has a body without a length. */
  end(): void {
    if (!this.#isOver) this.#parser.finish();
  }

  #head(head: MessageHead): number {
    const lengths = valuesOf(head.headers, 'content-length');
    if (lengths.some((length) => !/^\d{1,15}$/.test(length))) throw new Malformed();
    // The parser knows it only where it stands alone (section 6.1), and forgets it where another protocol is asked for.
    this.#inside.isChunked = valuesOf(head.headers, 'transfer-encoding').at(-1)?.toLowerCase() === 'chunked';
    const follows = this.listener.head(head);
    this.#isOver = follows === 'another protocol';
    return SKIPS[follows];
  }
}

/** Of a field that is a list (RFC 9110, section 5.6.1). */
export const valuesOf = (headers: readonly Header[], wanted: string): string[] =>
  headers
    .filter(([name]) => name === wanted)
    .flatMap(([, value]) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');

function pairsOf(raw: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at]!.toLowerCase(), raw[at + 1]!]);
  return pairs;
}
