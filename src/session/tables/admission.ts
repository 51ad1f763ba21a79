/**
 * Which connections are copied, by their buckets: those below a percentage, which may grow with time, as far as this machine
 * has room for them. Buckets are closed from the last one on and opened again in reverse, so that as few connections as can
 * be are touched, and always the same.
 */
import { BUCKETS, bucketOf, type BucketState } from '../../wire/tables/bucket';
import { clientOf } from './connection-key';

/** How quickly a gradual start reaches its percentage: a bucket in this time. */
const GROWTH_MS = 1000;

export interface AdmissionOptions {
  /** 1 to 100. */
  readonly percentage: number;
  /** Begin with one percent and add one each second. */
  readonly gradual: boolean;
}

/** @param key of a connection */
function bucketOfKey(key: number): number {
  const { clientAddress, clientPort } = clientOf(key);
  return bucketOf(clientAddress, clientPort);
}

export class Admission {
  /** Buckets that are wanted in the end, and at present. */
  #percentage: number;
  #wanted: number;
  /** Buckets that there is room for. */
  #room = BUCKETS;
  #roomNext = BUCKETS;
  #growsAt_ms: number | undefined;
  /** Since when all that the connections of a bucket say is seen, their beginnings included. */
  readonly #openedAt_ms = new Float64Array(BUCKETS).fill(-Infinity);
  /** Copies whose client has not said its last word. */
  readonly #listening = new Int32Array(BUCKETS);
  #revision = 0;

  readonly #gradual: boolean;

  constructor({ percentage, gradual }: AdmissionOptions) {
    this.#percentage = percentage;
    this.#gradual = gradual;
    this.#wanted = gradual ? 1 : percentage;
  }

  /** Other percent are wanted from now on: more come at once, or one each second; where they are fewer, that holds at once. */
  want(percentage: number, now_ms: number): void {
    if (percentage === this.#percentage) return;
    const before = this.open;
    this.#percentage = percentage;
    this.#growsAt_ms = undefined;
    this.#wanted = this.#gradual ? Math.min(this.#wanted, percentage) : percentage;
    this.#changedFrom(before, now_ms);
  }

  /** Grows whenever `states` changes. */
  get revision(): number {
    return this.#revision;
  }

  /** Buckets whose connections are copied. */
  get open(): number {
    return Math.min(this.#wanted, this.#room);
  }

  /** Their share of those that are wanted, in percent. */
  get share_percent(): number {
    return (100 * this.open) / this.#wanted;
  }

  /** Of each bucket. */
  states(): BucketState[] {
    return Array.from({ length: BUCKETS }, (_, bucket) => {
      if (bucket < this.open) return 'open';
      if (this.#listening[bucket]! > 0) return 'closing';
      return bucket < this.#wanted ? 'closed' : 'not-chosen';
    });
  }

  /** Time passes: a gradual start goes on. */
  attend(now_ms: number): void {
    if (!this.#gradual || this.#wanted >= this.#percentage) return;
    this.#growsAt_ms ??= now_ms + GROWTH_MS;
    if (now_ms < this.#growsAt_ms) return;
    const steps = 1 + Math.floor((now_ms - this.#growsAt_ms) / GROWTH_MS);
    this.#growsAt_ms += steps * GROWTH_MS;
    const before = this.open;
    this.#wanted = Math.min(this.#percentage, this.#wanted + steps);
    this.#changedFrom(before, now_ms);
  }

  /** There is room for so many buckets, 0 to 100. Where that is less than before, it holds at once. */
  limit(room: number, now_ms: number): void {
    this.#roomNext = room;
    if (room < this.#room) this.#setRoom(room, now_ms);
  }

  /**
   * Nothing that was captured waits to be told, so that no beginning is among it that came before its bucket was closed, and
   * whose connection was not looked at since: buckets that there is room for again are opened.
   */
  caughtUp(now_ms: number): void {
    if (this.#roomNext > this.#room) this.#setRoom(this.#roomNext, now_ms);
  }

  /**
   * Of a connection: `unwanted` is one of those that nobody wants any more, while copies of such are brought to their end.
   *
   * @param address of the client, host order
   */
  stateOf(address: number, port: number): 'wanted' | 'unwanted' | 'not-chosen' {
    if (this.#wanted === BUCKETS) return 'wanted';
    const bucket = bucketOf(address, port);
    if (bucket < this.#wanted) return 'wanted';
    return this.#listening[bucket]! > 0 ? 'unwanted' : 'not-chosen';
  }

  /** Whether a connection that begins now is copied. @param address of the client, host order */
  admits(address: number, port: number): boolean {
    const { open } = this;
    return open === BUCKETS || bucketOf(address, port) < open;
  }

  isOpen(key: number): boolean {
    const { open } = this;
    return open === BUCKETS || bucketOfKey(key) < open;
  }

  openedAt_ms(key: number): number {
    return this.#openedAt_ms[bucketOfKey(key)]!;
  }

  /** The copy of a connection begins. */
  listen(key: number): void {
    this.#listening[bucketOfKey(key)]! += 1;
  }

  /** Its client has said its last word, or nobody wants to hear any more. */
  heardOut(key: number): void {
    const bucket = bucketOfKey(key);
    this.#listening[bucket]! -= 1;
    if (this.#listening[bucket] === 0 && bucket >= this.open) this.#revision += 1;
  }

  #setRoom(room: number, now_ms: number): void {
    const before = this.open;
    this.#room = room;
    this.#changedFrom(before, now_ms);
  }

  #changedFrom(before: number, now_ms: number): void {
    this.#openedAt_ms.fill(now_ms, before, Math.max(before, this.open));
    this.#revision += 1;
  }
}
