/**
 * One end of a control channel on a socket: messages in and out, heartbeats, and an end with a reason. What is sent in
 * one turn of the event loop leaves in one write; a peer that does not read is dropped, it holds up nobody.
 */
import type { Socket } from 'node:net';
import type { Reply, Route } from '../wire/reply';
import { encodeFrame, FrameDecoder, REPLIES_PER_FRAME, ROUTES_PER_FRAME } from './frames';
import { ControlError, type Message } from './messages';

export const HEARTBEAT_MS = 500;
/** A channel that was silent for longer is taken as dead. */
export const SILENCE_MAX_MS = 2000;
/** More unsent bytes than this, and the peer is not reading. */
const UNSENT_MAX_BYTES = 16 * 1024 * 1024;

export interface ConnectionEvents {
  message(message: Message): void;
  /** The last event. */
  closed(reason: string): void;
}

export class Connection {
  #decoder = new FrameDecoder();
  #outgoing: Message[] = [];
  #flushPlanned = false;
  #closed = false;
  #heardAt_ms = performance.now();
  #beatAt_ms = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly socket: Socket,
    private readonly events: ConnectionEvents,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#received(chunk));
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.close('the peer closed the connection'));
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(message: Message): void {
    if (this.#closed) return;
    this.#outgoing.push(message);
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    setImmediate(() => this.flush());
  }

  /** Writes what is waiting now; neighbouring lists of the same kind become one. */
  flush(): void {
    this.#flushPlanned = false;
    if (this.#closed || this.#outgoing.length === 0) return;
    const messages = this.#outgoing;
    this.#outgoing = [];
    this.socket.write(Buffer.concat(merge(messages).map(encodeFrame)));
    if (this.socket.writableLength > UNSENT_MAX_BYTES) this.close('the peer does not read what it is sent');
  }

  /** Tells the peer why, and closes. */
  refuse(reason: string): void {
    this.send({ kind: 'refuse', reason });
    this.flush();
    this.close(reason);
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    clearInterval(this.#timer);
    this.socket.end();
    // What the peer has not taken by then is lost.
    setTimeout(() => this.socket.destroy(), HEARTBEAT_MS).unref();
    this.events.closed(reason);
  }

  #received(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#heardAt_ms = performance.now();
    try {
      for (const message of this.#decoder.push(chunk)) {
        this.events.message(message);
        if (this.#closed as boolean) return;
      }
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      this.refuse(error.message);
    }
  }

  #beat(): void {
    const now_ms = performance.now();
    const silent_ms = now_ms - this.#heardAt_ms;
    // A process that was stopped or busy itself has not read yet what the peer said meanwhile.
    const late = now_ms - this.#beatAt_ms > SILENCE_MAX_MS / 2;
    this.#beatAt_ms = now_ms;
    if (silent_ms > SILENCE_MAX_MS && !late)
      this.close(`the peer was silent for ${Math.round(silent_ms)} ms`);
    else this.send({ kind: 'heartbeat' });
  }
}

function merge(messages: readonly Message[]): Message[] {
  const merged: Message[] = [];
  for (let at = 0; at < messages.length;) {
    const first = messages[at]!;
    if (first.kind === 'replies') {
      const replies: Reply[] = [];
      for (let next = messages[at]; next?.kind === 'replies'; next = messages[++at])
        replies.push(...next.replies);
      for (const part of slices(replies, REPLIES_PER_FRAME)) merged.push({ kind: 'replies', replies: part });
    } else if ('routes' in first) {
      const { kind } = first;
      const routes: Route[] = [];
      for (let next = messages[at]; next?.kind === kind; next = messages[++at]) routes.push(...next.routes);
      for (const part of slices(routes, ROUTES_PER_FRAME)) merged.push({ kind, routes: part });
    } else {
      merged.push(first);
      at += 1;
    }
  }
  return merged;
}

const slices = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
