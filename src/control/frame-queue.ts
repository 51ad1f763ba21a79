/**
 * Frames that wait to be written, in one piece of memory. Neighbouring lists of the same kind become one frame, so that
 * what a turn of the event loop brings, one route or reply after the other, costs no more than its records.
 */
import type { Reply, Route } from '../wire/reply';
import { beginFrame, encodeFrame, FRAME_HEADER_BYTES, FRAME_MAX_BYTES, setFrameLength } from './frames';
import type { Message, RouteMessage } from './messages';
import {
  isTellable,
  REPLY_BYTES,
  ROUTE_BYTES,
  SINCE_BYTES,
  writeReply,
  writeRoute,
  writeSince,
} from './records';

const ROOM_BYTES = 4096;

type ListKind = RouteMessage['kind'] | 'replies';

export class FrameQueue {
  #bytes = new Uint8Array(ROOM_BYTES);
  #length = 0;
  /** The frame of records that stands last. */
  #openKind: ListKind | undefined;
  #openAt = 0;
  /** Of a frame of replies: what their times are counted from. */
  #since_ms = 0;

  /** How much waits. */
  get length(): number {
    return this.#length;
  }

  /** Begins with what waits; borrowed until something is added. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  add(message: Message): void {
    if ('routes' in message) for (const route of message.routes) this.addRoute(message.kind, route);
    else if (message.kind === 'replies') for (const reply of message.replies) this.addReply(reply);
    else {
      const frame = encodeFrame(message);
      this.#reserve(frame.length);
      this.#bytes.set(frame, this.#length);
      this.#length += frame.length;
      this.#openKind = undefined;
    }
  }

  addRoute(kind: RouteMessage['kind'], route: Route): void {
    // First, for it may move the bytes elsewhere.
    const at = this.#record(kind, ROUTE_BYTES);
    writeRoute(this.#bytes, at, route);
  }

  addReply(reply: Reply): void {
    if (this.#openKind === 'replies' && !isTellable(reply, this.#since_ms)) this.#openKind = undefined;
    const at = this.#record('replies', REPLY_BYTES, reply.at_ms);
    writeReply(this.#bytes, at, reply, this.#since_ms);
  }

  /** Then nothing waits any more. @param from what is before was taken already @returns the rest, the caller's own */
  take(from = 0): Uint8Array {
    const taken = this.#bytes.slice(from, this.#length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#length = 0;
    this.#openKind = undefined;
  }

  /** Room for one more record of a list. @param since_ms where a frame of replies begins with it @returns where it is to be written */
  #record(kind: ListKind, record_bytes: number, since_ms = 0): number {
    this.#reserve(FRAME_HEADER_BYTES + SINCE_BYTES + record_bytes);
    const open_bytes = this.#length - this.#openAt - FRAME_HEADER_BYTES;
    if (kind !== this.#openKind || open_bytes + record_bytes >= FRAME_MAX_BYTES) {
      this.#openKind = kind;
      this.#openAt = this.#length;
      this.#length += beginFrame(this.#bytes, this.#length, kind);
      if (kind === 'replies') this.#beginReplies(since_ms);
    }
    const at = this.#length;
    this.#length += record_bytes;
    setFrameLength(this.#bytes, this.#openAt, this.#length);
    return at;
  }

  #beginReplies(since_ms: number): void {
    this.#since_ms = since_ms;
    writeSince(this.#bytes, this.#length, since_ms);
    this.#length += SINCE_BYTES;
  }

  #reserve(more_bytes: number): void {
    if (this.#length + more_bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more_bytes));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
