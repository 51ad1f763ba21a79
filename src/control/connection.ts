/**
 * One end of a control channel on a socket: messages in and out, heartbeats, and an end with a reason. What is sent in
 * one turn leaves in one write; a peer that does not read is dropped, it holds up nobody.
 */
import type { Socket } from 'node:net';
import type { JoinedStream, Turns } from '../kernel/turns';
import type { Reply, Route } from '../wire/reply';
import { FrameQueue } from './frame-queue';
import { FrameDecoder } from './frames';
import { ControlError, type Message, type RouteMessage } from './messages';

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
  readonly #decoder = new FrameDecoder();
  readonly #outgoing = new FrameQueue();
  readonly #joined: JoinedStream | undefined;
  #flushPlanned = false;
  #closed = false;
  #heardAt_ms = performance.now();
  #beatAt_ms = performance.now();
  readonly #timer: NodeJS.Timeout;

  /** Whoever reads from the socket passes on what comes, to `receive`. */
  constructor(
    private readonly socket: Socket,
    private readonly events: ConnectionEvents,
    private readonly turns: Turns,
  ) {
    this.#joined = turns.join(
      () => descriptorOf(socket),
      (bytes) => this.receive(bytes),
    );
    socket.setNoDelay(true);
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.close('the peer closed the connection'));
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(message: Message): void {
    if (this.#closed) return;
    this.#outgoing.add(message);
    this.#planFlush();
  }

  sendRoute(kind: RouteMessage['kind'], route: Route): void {
    if (this.#closed) return;
    this.#outgoing.addRoute(kind, route);
    this.#planFlush();
  }

  sendReply(reply: Reply): void {
    if (this.#closed) return;
    this.#outgoing.addReply(reply);
    this.#planFlush();
  }

  /** Writes what is waiting now. */
  flush(): void {
    this.#flushPlanned = false;
    const { length, bytes } = this.#outgoing;
    if (this.#closed || length === 0) return;
    // Nothing may overtake what Node has still to send.
    const sent = this.socket.writableLength === 0 ? (this.#joined?.send(bytes, length) ?? 0) : 0;
    if (sent === length) {
      this.#outgoing.clear();
      return;
    }
    this.socket.write(this.#outgoing.take(sent));
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
    this.#joined?.leave();
    clearInterval(this.#timer);
    this.socket.end();
    // What the peer has not taken by then is lost.
    setTimeout(() => this.socket.destroy(), HEARTBEAT_MS).unref();
    this.events.closed(reason);
  }

  /** Takes what came from the peer; the bytes are borrowed for the call. */
  receive(chunk: Uint8Array): void {
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

  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    this.turns.atEnd(() => this.flush());
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

/** Of a socket of Node's, which has it where its TypeScript types do not say so; negative when it is closed. */
export const descriptorOf = (socket: Socket): number =>
  (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd ?? -1;
