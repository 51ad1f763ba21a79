/** Redis exchanges of one connection, pipelined or not: one value for each command. */
import { createHash, type Hash } from 'node:crypto';
import type { Kept, ReadExchange, Reader, RedisRequest } from './exchange';
import { RespMachine, type RedisNode, type RedisValue } from './resp';

/** After these the server speaks when it wants to. */
const STREAMING = new Set(['subscribe', 'psubscribe', 'ssubscribe', 'monitor', 'sync', 'psync']);
const PENDING_MAX = 100_000;

interface Asked {
  readonly offset: number;
  readonly digest: string;
  readonly requested_s: number;
  readonly request: RedisRequest;
}

export class RedisReader implements Reader {
  gaveUp: string | undefined;
  readonly #commands: RespMachine;
  readonly #values: RespMachine;
  readonly #asked: Asked[] = [];
  #hash: Hash = createHash('sha256');
  #chunk: Buffer = Buffer.alloc(0);
  #hashed = 0;
  #said_bytes = 0;
  #requestAt_bytes = 0;
  #time_s = 0;
  #first_s: number | undefined;

  constructor(
    kept: Kept,
    private readonly tell: (exchange: ReadExchange) => void,
  ) {
    this.#commands = new RespMachine(kept.request_bytes, (value, end) => this.#command(value, end));
    this.#values = new RespMachine(kept.response_bytes, (value, end) => this.#value(value, end));
  }

  request(bytes: Buffer, time_s: number): void {
    if (this.gaveUp !== undefined) return;
    this.#chunk = bytes;
    this.#hashed = 0;
    this.#time_s = time_s;
    const isRedis = this.#commands.read(bytes);
    this.#hash.update(bytes.subarray(this.#hashed));
    this.#said_bytes += bytes.length;
    if (!isRedis || this.#asked.length > PENDING_MAX) this.gaveUp = 'its commands cannot be read';
  }

  response(bytes: Buffer, time_s: number): void {
    if (this.gaveUp !== undefined) return;
    this.#chunk = bytes;
    this.#time_s = time_s;
    this.#first_s ??= time_s;
    if (!this.#values.read(bytes)) this.#unanswered('unreadable');
  }

  end(_closed: boolean, mightCome: (requested_s: number) => boolean): void {
    if (this.gaveUp === undefined && this.#values.isWithin) this.#unanswered('cut-off');
    const isUnknown = this.gaveUp !== undefined;
    for (const { requested_s } of this.#asked.slice())
      this.#unanswered(isUnknown || mightCome(requested_s) ? 'open' : 'none');
  }

  #command(value: RedisValue, end: number): void {
    this.#hash.update(this.#chunk.subarray(this.#hashed, end));
    this.#hashed = end;
    const words = value.node.kind === 'list' ? value.node.items.map(wordOf) : [wordOf(value.node)];
    this.#asked.push({
      offset: this.#requestAt_bytes,
      digest: this.#hash.digest('hex'),
      requested_s: this.#time_s,
      request: { protocol: 'redis', words },
    });
    this.#hash = createHash('sha256');
    this.#requestAt_bytes = this.#said_bytes + end;
    if (STREAMING.has((words[0] ?? '').toLowerCase())) {
      this.#asked.pop();
      this.gaveUp = 'it goes on as a stream of messages';
    }
  }

  #value(value: RedisValue, end: number): void {
    const first_s = this.#first_s;
    this.#first_s = end < this.#chunk.length ? this.#time_s : undefined;
    if (value.node.kind === 'push') return;
    const asked = this.#asked.shift();
    if (!asked) return;
    const response = { protocol: 'redis', value } as const;
    this.tell({ ...asked, outcome: 'whole', response, first_s, last_s: this.#time_s });
  }

  #unanswered(outcome: 'cut-off' | 'unreadable' | 'open' | 'none'): void {
    const asked = this.#asked.shift();
    if (outcome === 'unreadable') this.gaveUp = 'its answers cannot be read';
    if (!asked) return;
    const came = outcome === 'cut-off' || outcome === 'unreadable';
    const times = came
      ? { first_s: this.#first_s, last_s: this.#time_s }
      : { first_s: undefined, last_s: undefined };
    this.tell({ ...asked, outcome, response: undefined, ...times });
  }
}

function wordOf(node: RedisNode): string {
  if (node.kind === 'text') return node.body.kept.toString('utf8');
  return node.kind === 'plain' ? node.text : '';
}
