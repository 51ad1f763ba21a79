/**
 * Redis values as they come over a connection, RESP2 and RESP3 (redis.io, "Redis serialization protocol specification"): a machine over
 * bytes that keeps of each value no more than it may, however long it is.
 */
import { BodyKeeper, type Body } from './body';

export type RedisNode =
  | { readonly kind: 'text'; readonly body: Body }
  | { readonly kind: 'error'; readonly body: Body }
  /** Numbers, booleans, null: as they stand on the wire, without their first byte. */
  | { readonly kind: 'plain'; readonly type: string; readonly text: string }
  | {
      readonly kind: 'list' | 'map' | 'set' | 'push';
      readonly items: readonly RedisNode[];
      readonly left_out: number;
    };

export interface RedisValue {
  readonly node: RedisNode;
  /** About, in memory. */
  readonly held_bytes: number;
}

/** Of one value, in all its lists together; those beyond are counted, and not kept. */
const ITEMS_MAX = 100_000;
const DEPTH_MAX = 64;
const LINE_BYTES_MAX = 64 * 1024;
const NODE_BYTES = 128;

type ListKind = 'list' | 'map' | 'set' | 'push' | 'attributes';

interface OpenList {
  readonly kind: ListKind;
  missing: number;
  readonly items: RedisNode[];
  left_out: number;
}

const LISTS: Readonly<Record<string, ListKind>> = {
  '*': 'list',
  '~': 'set',
  '%': 'map',
  '>': 'push',
  '|': 'attributes',
};
const PLAIN = new Set([':', '_', '#', ',', '(']);
const BULK: Readonly<Record<string, 'text' | 'error'>> = { $: 'text', '=': 'text', '!': 'error' };

export class RespMachine {
  #failed = false;
  #line = '';
  #open: OpenList[] = [];
  #bulk: { readonly kind: 'text' | 'error'; missing: number; readonly keeper: BodyKeeper } | undefined;
  /** Of the line end behind a bulk string. */
  #skip = 0;
  /** The bulk string before it. */
  #ended: RedisNode | undefined;
  #items = 0;
  #held_bytes = 0;

  /** @param told of each whole value, and where in the chunk it ends */
  constructor(
    private readonly max_bytes: number,
    private readonly told: (value: RedisValue, end: number) => void,
  ) {}

  /** In the middle of a value. */
  get isWithin(): boolean {
    return this.#line !== '' || this.#open.length > 0 || this.#bulk !== undefined || this.#skip > 0;
  }

  /** @returns false where it is no RESP; nothing is to be read behind that */
  read(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length && !this.#failed) {
      if (this.#bulk) at = this.#readBulk(chunk, at);
      else if (this.#skip > 0) {
        this.#skip -= 1;
        at += 1;
        if (this.#skip === 0) this.#take(this.#ended!, at);
      } else at = this.#readLine(chunk, at);
    }
    return !this.#failed;
  }

  #readBulk(chunk: Buffer, at: number): number {
    const bulk = this.#bulk!;
    const end = Math.min(chunk.length, at + bulk.missing);
    bulk.keeper.add(chunk.subarray(at, end));
    bulk.missing -= end - at;
    if (bulk.missing === 0) this.#endBulk();
    return end;
  }

  #endBulk(): void {
    const { kind, keeper } = this.#bulk!;
    const body = keeper.body();
    this.#held_bytes += body.kept.length;
    this.#ended = { kind, body };
    this.#bulk = undefined;
    this.#skip = 2;
  }

  #readLine(chunk: Buffer, at: number): number {
    const lineEnd = chunk.indexOf(0x0a, at);
    const end = lineEnd < 0 ? chunk.length : lineEnd + 1;
    this.#line += chunk.toString('latin1', at, end);
    if (this.#line.length > LINE_BYTES_MAX) this.#failed = true;
    else if (lineEnd >= 0) {
      const line = this.#line.slice(0, -2);
      const isLine = this.#line.endsWith('\r\n');
      this.#line = '';
      if (isLine) this.#begin(line, end);
      else this.#failed = true;
    }
    return end;
  }

  #begin(line: string, at: number): void {
    const [type = ''] = line;
    const text = line.slice(1);
    const bulk = BULK[type];
    const list = LISTS[type];
    if (type === '+' || type === '-') {
      this.#take({ kind: type === '+' ? 'text' : 'error', body: this.#bodyOf(text) }, at);
    } else if (PLAIN.has(type)) this.#take({ kind: 'plain', type, text }, at);
    else if (bulk || list) {
      // RESP2's null.
      if (text === '-1') this.#take({ kind: 'plain', type: '_', text: '' }, at);
      else if (!/^\d{1,10}$/.test(text)) this.#failed = true;
      else if (bulk) this.#beginBulk(bulk, Number(text));
      else this.#beginList(list!, Number(text), at);
    } else this.#failed = true;
  }

  #bodyOf(text: string): Body {
    const keeper = new BodyKeeper(this.max_bytes);
    keeper.add(Buffer.from(text, 'latin1'));
    return keeper.body();
  }

  #beginBulk(kind: 'text' | 'error', length: number): void {
    const room = this.#items > ITEMS_MAX ? 0 : Math.max(0, this.max_bytes - this.#held_bytes);
    this.#bulk = { kind, missing: length, keeper: new BodyKeeper(room) };
    if (length === 0) this.#endBulk();
  }

  #beginList(kind: ListKind, length: number, at: number): void {
    const missing = kind === 'map' || kind === 'attributes' ? 2 * length : length;
    if (this.#open.length === DEPTH_MAX) this.#failed = true;
    else if (missing === 0) {
      if (kind !== 'attributes') this.#take({ kind, items: [], left_out: 0 }, at);
    } else this.#open.push({ kind, missing, items: [], left_out: 0 });
  }

  /** Attributes are said beside a value, and are none of its parts. */
  #take(node: RedisNode, at: number): void {
    for (let ended: RedisNode | undefined = node; ended;) {
      const list = this.#open.at(-1);
      if (!list) {
        const value = { node: ended, held_bytes: this.#held_bytes + this.#items * NODE_BYTES };
        this.#items = this.#held_bytes = 0;
        this.told(value, at);
        return;
      }
      this.#items += 1;
      if (this.#items > ITEMS_MAX) list.left_out += 1;
      else list.items.push(ended);
      list.missing -= 1;
      if (list.missing > 0) return;
      this.#open.pop();
      const { kind, items, left_out } = list;
      ended = kind === 'attributes' ? undefined : { kind, items, left_out };
    }
  }
}
