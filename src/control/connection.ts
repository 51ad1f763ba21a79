/**
 * One end of a control channel on a socket: messages in and out, heartbeats, and an end with a reason. What is sent in
 * one turn leaves in one write, and with a key in one record; a peer that does not read is dropped, it holds up nobody.
 */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { JoinedStream, Turns } from '../kernel/turns';
import type { Reply, Route } from '../wire/reply';
import { FrameQueue } from './frame-queue';
import { FrameDecoder } from './frames';
import { ControlError, type Message, type RouteMessage } from './messages';
import { isProof } from './sealed/handshake';
import { SealError } from './sealed/seal-error';
import type { SealedEnd } from './sealed/sealed-end';

export const HEARTBEAT_MS = 500;
/** A channel that was silent for longer is taken as dead. */
export const SILENCE_MAX_MS = 2000;
/** More unsent bytes than this, and the peer is not reading. */
const UNSENT_MAX_BYTES = 16 * 1024 * 1024;

export const PEER_CLOSED = 'the peer closed the connection';

export interface ConnectionEvents {
  message(message: Message): void;
  /** The last event. */
  closed(reason: string): void;
}

export class Connection {
  readonly #decoder = new FrameDecoder();
  readonly #outgoing = new FrameQueue();
  #joined: JoinedStream | undefined;
  #flushPlanned = false;
  #closed = false;
  #isHeard = false;
  #heardAt_ms = performance.now();
  #beatAt_ms = performance.now();
  readonly #timer: NodeJS.Timeout;

  /**
   * Whoever reads from the socket passes on what comes, to `receive`.
   *
   * @param sealed undefined speaks in the clear
   */
  constructor(
    private readonly socket: Socket,
    private readonly events: ConnectionEvents,
    private readonly turns: Turns,
    private readonly sealed?: SealedEnd,
  ) {
    socket.setNoDelay(true);
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.close(PEER_CLOSED));
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#sendProof();
  }

  /** From now on it takes part in turns that are not Node's: for whom it is known that there is something to say. */
  join(): void {
    this.#joined ??= this.turns.join(
      () => (isHeldByNode(this.socket) ? CLOSED : descriptorOf(this.socket)),
      (bytes) => this.receive(bytes),
    );
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

  /** Writes what is waiting now, or as soon as the peer has proven its key. */
  flush(): void {
    this.#flushPlanned = false;
    const { length, bytes } = this.#outgoing;
    if (this.#closed || length === 0 || !this.#speaks) return;
    if (this.sealed) {
      const records = this.sealed.seal(bytes.subarray(0, length));
      this.#outgoing.clear();
      const sent = this.#sendNow(records, records.length);
      if (sent < records.length) this.#sendLater(records.slice(sent));
    } else {
      const sent = this.#sendNow(bytes, length);
      if (sent === length) this.#outgoing.clear();
      else this.#sendLater(this.#outgoing.take(sent));
    }
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
    // What waited was too much for a peer that does not read: then it is closed already.
    if (this.closed) return;
    this.#closed = true;
    this.#joined?.leave();
    clearInterval(this.#timer);
    // Who was told nothing has nothing to take.
    if (!this.#speaks) this.socket.destroy();
    else {
      this.socket.end();
      // What the peer has not taken by then is lost.
      setTimeout(() => this.socket.destroy(), HEARTBEAT_MS).unref();
    }
    this.events.closed(reason);
  }

  /** Takes what came from the peer; the bytes are borrowed for the call. */
  receive(chunk: Uint8Array): void {
    if (this.#closed || chunk.length === 0) return;
    this.#heardAt_ms = performance.now();
    const isFirst = !this.#isHeard;
    this.#isHeard = true;
    try {
      if (this.sealed) this.#receiveSealed(this.sealed, chunk);
      else if (isFirst && isProof(chunk))
        this.refuse('it speaks with a key, and this side has none: give both --key-file with the same key');
      else this.#receiveFrames(chunk);
    } catch (error) {
      if (error instanceof SealError) this.close(error.message);
      else if (error instanceof ControlError) this.refuse(error.message);
      else throw error;
    }
  }

  #receiveSealed(sealed: SealedEnd, chunk: Uint8Array): void {
    for (const words of sealed.receive(chunk)) {
      this.#receiveFrames(words);
      if (this.#closed) return;
    }
    this.#sendProof();
    if (this.#outgoing.length > 0) this.#planFlush();
  }

  #receiveFrames(bytes: Uint8Array): void {
    for (const message of this.#decoder.push(bytes)) {
      this.events.message(message);
      if (this.#closed) return;
    }
  }

  get #speaks(): boolean {
    return this.sealed?.speaks ?? true;
  }

  #sendProof(): void {
    const proof = this.sealed?.takeUnsent();
    if (proof && proof.length > 0) this.socket.write(proof);
  }

  /** @returns how much of the beginning was sent; nothing may overtake what Node has still to send */
  #sendNow(bytes: Uint8Array, length: number): number {
    return this.socket.writableLength === 0 ? (this.#joined?.send(bytes, length) ?? 0) : 0;
  }

  /** @param bytes given away */
  #sendLater(bytes: Uint8Array): void {
    this.socket.write(bytes);
    if (this.socket.writableLength > UNSENT_MAX_BYTES) this.close('the peer does not read what it is sent');
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

/** It has read what it has not passed on yet: what comes behind that may not be read by anybody else before. */
const isHeldByNode = (socket: Socket): boolean => socket.isPaused() || socket.readableLength > 0;

const CLOSED = -1;

/** Of a socket of Node's, which has it where its TypeScript types do not say so; negative when it is closed. */
export const descriptorOf = (socket: Socket): number =>
  (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd ?? CLOSED;
