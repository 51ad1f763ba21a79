/** Any protocol, by turns: what the client says until the server speaks, and what the server says until the client speaks again. */
import { createHash, type Hash } from 'node:crypto';
import { BodyKeeper } from './body';
import type { Kept, ReadExchange, Reader } from './exchange';

interface Turn {
  readonly offset: number;
  readonly hash: Hash;
  readonly request: BodyKeeper;
  readonly response: BodyKeeper;
  requested_s: number;
  first_s: number | undefined;
  last_s: number | undefined;
}

export class TurnsReader implements Reader {
  readonly gaveUp = undefined;
  #said_bytes = 0;
  #turn: Turn | undefined;

  constructor(
    private readonly kept: Kept,
    private readonly tell: (exchange: ReadExchange) => void,
  ) {}

  request(bytes: Buffer, time_s: number): void {
    if (this.#turn?.first_s !== undefined) this.#finish('whole');
    const turn = (this.#turn ??= this.#begin(time_s));
    turn.hash.update(bytes);
    turn.request.add(bytes);
    turn.requested_s = time_s;
    this.#said_bytes += bytes.length;
  }

  response(bytes: Buffer, time_s: number): void {
    const turn = (this.#turn ??= this.#begin(time_s));
    turn.response.add(bytes);
    turn.first_s ??= time_s;
    turn.last_s = time_s;
  }

  /** Nobody knows where a response ends: what came of the last one is whole where the server ended it, or had time enough to. */
  end(closed: boolean, mightCome: (requested_s: number) => boolean): void {
    if (!this.#turn) return;
    const { first_s, requested_s } = this.#turn;
    if (!closed && mightCome(requested_s)) this.#finish('open');
    else this.#finish(first_s === undefined ? 'none' : 'whole');
  }

  #begin(time_s: number): Turn {
    return {
      offset: this.#said_bytes,
      hash: createHash('sha256'),
      request: new BodyKeeper(this.kept.request_bytes),
      response: new BodyKeeper(this.kept.response_bytes),
      requested_s: time_s,
      first_s: undefined,
      last_s: undefined,
    };
  }

  #finish(outcome: 'whole' | 'open' | 'none'): void {
    const { offset, hash, request, response, requested_s, first_s, last_s } = this.#turn!;
    this.#turn = undefined;
    this.tell({
      offset,
      digest: hash.digest('hex'),
      request: { protocol: 'bytes', body: request.body() },
      outcome,
      response: first_s === undefined ? undefined : { protocol: 'bytes', body: response.body() },
      requested_s,
      first_s,
      last_s,
    });
  }
}
