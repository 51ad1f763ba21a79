/** HTTP/2 exchanges (RFC 9113) of one connection in clear text: a stream each, any number at a time. */
import { createHash, type Hash } from 'node:crypto';
import { BodyKeeper } from './body';
import type { Header, HttpResponse, Kept, Outcome, ReadExchange, Reader } from './exchange';
import { Frames } from './http2/frames';

const PREFACE_BYTES = 24;
const STREAMS_MAX = 10_000;
const FIRST_FINAL_STATUS = 200;

interface Stream {
  readonly offset: number;
  readonly fields: readonly Header[];
  readonly body: BodyKeeper;
  readonly hash: Hash;
  requested_s: number;
  isAsked: boolean;
  status: number | undefined;
  headers: readonly Header[];
  readonly answer: BodyKeeper;
  first_s: number | undefined;
  last_s: number | undefined;
}

export class Http2Reader implements Reader {
  gaveUp: string | undefined;
  readonly #requests: Frames;
  readonly #responses: Frames;
  readonly #streams = new Map<number, Stream>();
  #preface_bytes = PREFACE_BYTES;
  #time_s = 0;

  constructor(
    private readonly kept: Kept,
    private readonly tell: (exchange: ReadExchange) => void,
  ) {
    this.#requests = new Frames(
      {
        headers: (stream, fields, ends, at) => this.#ask(stream, fields, ends, at),
        data: (stream, part, ends) => this.#askMore(stream, part, ends),
        // Nobody waits for the rest.
        reset: (stream) => this.#finish(stream, 'open'),
      },
      PREFACE_BYTES,
    );
    this.#responses = new Frames({
      headers: (stream, fields, ends) => this.#answer(stream, fields, ends),
      data: (stream, part, ends) => this.#answerMore(stream, part, ends),
      reset: (stream) => this.#breakOff(stream),
    });
  }

  request(bytes: Buffer, time_s: number): void {
    if (this.gaveUp !== undefined) return;
    this.#time_s = time_s;
    const skipped = Math.min(this.#preface_bytes, bytes.length);
    this.#preface_bytes -= skipped;
    if (!this.#requests.read(bytes.subarray(skipped))) this.gaveUp = 'its requests cannot be read';
    else if (this.#streams.size > STREAMS_MAX) this.gaveUp = 'too many of its requests are not answered';
  }

  response(bytes: Buffer, time_s: number): void {
    if (this.gaveUp !== undefined) return;
    this.#time_s = time_s;
    if (!this.#responses.read(bytes)) this.gaveUp = 'its responses cannot be read';
  }

  end(_closed: boolean, mightCome: (requested_s: number) => boolean): void {
    for (const [id, { requested_s, isAsked, first_s }] of [...this.#streams]) {
      const isOpen = this.gaveUp !== undefined || !isAsked || mightCome(requested_s);
      this.#finish(id, isOpen ? 'open' : first_s === undefined ? 'none' : 'cut-off');
    }
  }

  #ask(id: number, fields: readonly Header[], ends: boolean, at: number): void {
    const known = this.#streams.get(id);
    if (known) {
      // Its trailers.
      known.hash.update(JSON.stringify(fields));
      this.#asked(known, ends);
      return;
    }
    const stream: Stream = {
      offset: at,
      fields,
      body: new BodyKeeper(this.kept.request_bytes),
      hash: createHash('sha256').update(JSON.stringify(fields)),
      requested_s: this.#time_s,
      isAsked: ends,
      status: undefined,
      headers: [],
      answer: new BodyKeeper(this.kept.response_bytes),
      first_s: undefined,
      last_s: undefined,
    };
    this.#streams.set(id, stream);
  }

  #askMore(id: number, part: Buffer, ends: boolean): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    stream.hash.update(part);
    stream.body.add(part);
    this.#asked(stream, ends);
  }

  #asked(stream: Stream, ends: boolean): void {
    stream.requested_s = this.#time_s;
    stream.isAsked ||= ends;
  }

  #answer(id: number, fields: readonly Header[], ends: boolean): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    const status = Number(fields.find(([name]) => name === ':status')?.[1]);
    // What is only interim is none; trailers have no status.
    if (status < FIRST_FINAL_STATUS) return;
    stream.status ??= status;
    stream.headers = [...stream.headers, ...fields.filter(([name]) => !name.startsWith(':'))];
    this.#answered(id, stream, ends);
  }

  #answerMore(id: number, part: Buffer, ends: boolean): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    stream.answer.add(part);
    this.#answered(id, stream, ends);
  }

  #answered(id: number, stream: Stream, ends: boolean): void {
    stream.first_s ??= this.#time_s;
    stream.last_s = this.#time_s;
    if (ends) this.#finish(id, 'whole');
  }

  #breakOff(id: number): void {
    this.#finish(id, this.#streams.get(id)?.first_s === undefined ? 'none' : 'cut-off');
  }

  #finish(id: number, outcome: Outcome): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#streams.delete(id);
    const { offset, fields, body, hash, requested_s, first_s, last_s } = stream;
    const of = (wanted: string): string => fields.find(([name]) => name === wanted)?.[1] ?? '';
    this.tell({
      offset,
      digest: hash.digest('hex'),
      request: {
        protocol: 'http',
        method: of(':method'),
        target: of(':path'),
        headers: fields.filter(([name]) => !name.startsWith(':')),
        body: body.body(),
      },
      outcome,
      response: responseOf(stream),
      requested_s,
      first_s,
      last_s,
    });
  }
}

function responseOf({ status, headers, answer }: Stream): HttpResponse | undefined {
  return status === undefined ? undefined : { protocol: 'http', status, headers, body: answer.body() };
}
