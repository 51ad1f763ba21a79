/** HTTP/1.1 exchanges (RFC 9112) of one connection, pipelined or not. */
import { createHash, type Hash } from 'node:crypto';
import { BodyKeeper, type Body } from './body';
import type { Header, HttpRequest, HttpResponse, Kept, Outcome, ReadExchange, Reader } from './exchange';
import { HttpMessages, type Follows, type MessageHead } from './http-parser';

/** Of responses before their requests: a capture of two devices may have them so. */
const AHEAD_BYTES_MAX = 256 * 1024;
const PENDING_MAX = 10_000;
const SWITCHING_PROTOCOLS = 101;

interface Head {
  readonly status: number;
  readonly headers: readonly Header[];
}

interface Pending {
  readonly offset: number;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: BodyKeeper;
  /** Once the request is whole. */
  asked: { readonly digest: string; readonly requested_s: number } | undefined;
  /** Once the response is whole, or broke off. */
  answered: Answered | undefined;
}

interface Answered {
  readonly outcome: Outcome;
  readonly response: HttpResponse | { readonly protocol: 'bytes'; readonly body: Body } | undefined;
  readonly first_s: number | undefined;
  readonly last_s: number | undefined;
}

export class HttpReader implements Reader {
  gaveUp: string | undefined;
  readonly #requests: HttpMessages;
  readonly #responses: HttpMessages;
  /** Not told yet, the oldest first. */
  readonly #pending: Pending[] = [];
  /** Which of them the next response belongs to. */
  #answering = 0;
  #asking: Pending | undefined;
  #hash: Hash = createHash('sha256');
  /** Bytes of the client's stream before the chunk that is read, and before the request that is. */
  #said_bytes = 0;
  #requestAt_bytes = 0;
  /** In the chunk: what stands before it is in the hash. */
  #hashed = 0;
  #chunk: Buffer = Buffer.alloc(0);
  #time_s = 0;
  #first_s: number | undefined;
  #last_s = 0;
  #head: Head | undefined;
  #body: BodyKeeper;
  #ahead: { readonly bytes: Buffer; readonly time_s: number }[] = [];
  #ahead_bytes = 0;
  #responsesOver = false;

  constructor(
    private readonly kept: Kept,
    private readonly tell: (exchange: ReadExchange) => void,
  ) {
    this.#body = new BodyKeeper(kept.response_bytes);
    this.#requests = new HttpMessages('request', {
      head: (head) => this.#ask(head),
      body: (part) => this.#asking!.body.add(part),
      whole: (end) => this.#asked(end),
    });
    this.#responses = new HttpMessages('response', {
      head: (head) => this.#answer(head),
      body: (part) => this.#body.add(part),
      whole: (end) => this.#answered(end),
    });
  }

  request(bytes: Buffer, time_s: number): void {
    if (this.gaveUp !== undefined) return;
    this.#chunk = bytes;
    this.#hashed = 0;
    this.#time_s = time_s;
    const isHttp = this.#requests.read(bytes);
    this.#hash.update(bytes.subarray(this.#hashed));
    this.#said_bytes += bytes.length;
    if (!isHttp) this.gaveUp = 'its requests cannot be read';
    else if (this.#pending.length > PENDING_MAX) this.gaveUp = 'too many of its requests are not answered';
    const ahead = this.#ahead;
    this.#ahead = [];
    this.#ahead_bytes = 0;
    for (const one of ahead) this.response(one.bytes, Math.max(one.time_s, time_s));
  }

  response(bytes: Buffer, time_s: number): void {
    if (this.#responsesOver) return;
    if (this.#answering === this.#pending.length) {
      if (this.gaveUp !== undefined || this.#ahead_bytes > AHEAD_BYTES_MAX) return;
      this.#ahead.push({ bytes: Buffer.from(bytes), time_s });
      this.#ahead_bytes += bytes.length;
      return;
    }
    this.#chunk = bytes;
    this.#time_s = time_s;
    this.#first_s ??= time_s;
    this.#last_s = time_s;
    if (!this.#responses.read(bytes)) this.#unreadable(bytes);
  }

  end(closed: boolean, mightCome: (requested_s: number) => boolean): void {
    if (closed && !this.#responsesOver) this.#responses.end();
    const next = this.#pending[this.#answering];
    const open = ({ asked }: Pending): boolean =>
      asked !== undefined && (this.#responsesOver || mightCome(asked.requested_s));
    if (next && this.#first_s !== undefined) next.answered = this.#taken(open(next) ? 'open' : 'cut-off');
    for (const pending of this.#pending)
      pending.answered ??= { ...NOTHING, outcome: open(pending) ? 'open' : 'none' };
    this.#flush();
    this.#responsesOver = true;
  }

  #ask({ method, target, headers }: MessageHead): Follows {
    const body = new BodyKeeper(this.kept.request_bytes);
    const offset = this.#requestAt_bytes;
    this.#asking = { offset, method, target, headers, body, asked: undefined, answered: undefined };
    this.#pending.push(this.#asking);
    return 'body';
  }

  #asked(end: number): void {
    this.#hash.update(this.#chunk.subarray(this.#hashed, end));
    this.#hashed = end;
    this.#requestAt_bytes = this.#said_bytes + end;
    this.#asking!.asked = { digest: this.#hash.digest('hex'), requested_s: this.#time_s };
    this.#hash = createHash('sha256');
    this.#flush();
  }

  /** What has no body whatever its headers tell of: RFC 9112, section 6.3, and RFC 9110, section 9.3.6. */
  #answer({ status, headers }: MessageHead): Follows {
    this.#head = { status, headers };
    const method = this.#pending[this.#answering]?.method;
    if (status === SWITCHING_PROTOCOLS || (method === 'CONNECT' && status >= 200 && status < 300))
      return 'another protocol';
    return method === 'HEAD' || status < 200 || status === 204 || status === 304 ? 'no body' : 'body';
  }

  #answered(end: number): void {
    const { status } = this.#head!;
    const answered = this.#taken('whole');
    // The next one begins in the same chunk, or in another one.
    this.#first_s = end < this.#chunk.length ? this.#time_s : undefined;
    if (status < 200 && status !== SWITCHING_PROTOCOLS) return;
    const pending = this.#pending[this.#answering];
    if (!pending) return;
    pending.answered = answered;
    this.#answering += 1;
    this.#flush();
    if (status === SWITCHING_PROTOCOLS || (pending.method === 'CONNECT' && status < 300)) {
      this.gaveUp = 'it goes on in another protocol';
      this.#responsesOver = true;
    }
  }

  /** What was read of a response; the next one begins. */
  #taken(outcome: Outcome): Answered {
    const head = this.#head;
    const body = this.#body.body();
    const response = head ? ({ protocol: 'http', ...head, body } as const) : undefined;
    const answered = { outcome, response, first_s: this.#first_s, last_s: this.#last_s };
    this.#head = undefined;
    this.#body = new BodyKeeper(this.kept.response_bytes);
    return answered;
  }

  /** @param bytes in which it turned out, with what may have been read before */
  #unreadable(bytes: Buffer): void {
    this.#responsesOver = true;
    const pending = this.#pending[this.#answering];
    // Behind the last answer that was asked for, as where a body is longer than its header says.
    this.gaveUp = pending ? 'its responses cannot be read' : 'its server says what nobody has asked for';
    if (!pending) return;
    const body = new BodyKeeper(this.kept.response_bytes);
    body.add(bytes);
    const { first_s, last_s } = this.#taken('unreadable');
    const response = { protocol: 'bytes', body: body.body() } as const;
    pending.answered = { outcome: 'unreadable', response, first_s, last_s };
    this.#answering += 1;
    this.#first_s = undefined;
    this.#flush();
  }

  #flush(): void {
    while (this.#pending[0]?.asked && this.#pending[0].answered) {
      const { offset, method, target, headers, body, asked, answered } = this.#pending.shift()!;
      this.#answering = Math.max(0, this.#answering - 1);
      const request: HttpRequest = { protocol: 'http', method, target, headers, body: body.body() };
      this.tell({ offset, request, ...asked!, ...answered! });
    }
  }
}

const NOTHING = { response: undefined, first_s: undefined, last_s: undefined };
