/**
 * One client connection and its copy: a virtual TCP client that says to the test server what the client said to the
 * online server. Events come in (a captured segment, a reply, a timer), packets go out through the host.
 */
import { ACK, FIN, PSH, RST, SYN } from '../wire/tcp';
import { readSynOptions } from '../wire/tcp-options';
import type { Reply, Route } from '../wire/reply';
import type { SegmentView } from '../wire/segment';
import { ClientStream } from './client-stream';
import type { DropReason, GiveUpReason } from './counters';
import type { Sleeper } from './deadlines';
import { Exchange, FOR_RESET, FOR_WORDS, type Patience } from './exchange';
import { toOffset, toSequence } from './offsets';
import { Outbox, type Piece } from './outbox';
import { Receiver } from './receiver';
import { Sender, type Ending, type SenderHost } from './sender';
import type { Outcome, SessionHost, SynOptions } from './session-host';
import { nextState, type State, type StateEvent } from './states';

/** Long enough to acknowledge a repeated FIN; the client's port is free for its next connection at once. */
const TIME_WAIT_MS = 1000;
/** How long the test server may keep a port that the client uses again. */
const CLOSE_MAX_MS = 5000;
const HANDSHAKE_MAX_MS = 63_000;
/** Refusals of our SYN by a remnant of an older connection, after each of which it is reset and asked again. */
const CHALLENGES_MAX = 5;
/** How long bytes that were not captured are waited for: longer than a client takes to send them again. */
const HOLE_MAX_MS = 3000;
/**
 * Captured positions further away than this belong to another connection on the same port. RFC 7323 allows windows of
 * 1 GiB; no system opens one beyond this by default.
 */
const WINDOW_MAX_BYTES = 64 * 1024 * 1024;
const HELD_MAX_BYTES = 64 * 1024 * 1024;
const ADVERTISED_WINDOW = 0xffff;

export class Session implements Sleeper, SenderHost {
  deadline_ms = Infinity;
  queued_ms = Infinity;
  queuePlace = -1;
  state: State = 'waiting';
  outcome: Outcome | undefined;
  /** The client's next connection from the same port, born while this one was not over. */
  successor: Session | undefined;

  readonly #initial: number;
  readonly #synOptions: SynOptions;
  readonly #outbox = new Outbox();
  readonly #client = new ClientStream(this.#outbox);
  readonly #receiver = new Receiver();
  readonly #exchange = new Exchange(() => this.host.countUnanswered());
  readonly #sender = new Sender(this.#outbox, this);

  /** What the client acknowledged to the online server: the first number seen, and the highest offset. */
  #clientAckFirst: number | undefined;
  #clientAckOffset: number | undefined;
  #ending: Ending | undefined;
  #endedAt_ms = 0;

  #challenges = 0;
  #now_ms = 0;

  #startedAt_ms = 0;
  #expireAt_ms: number;

  constructor(
    readonly key: number,
    readonly transfer: number,
    readonly route: Route,
    syn: SegmentView,
    private readonly host: SessionHost,
    now_ms: number,
  ) {
    this.#initial = syn.sequence;
    const options = readSynOptions(syn.bytes, syn.tcpOffset);
    const pathSegment_bytes = host.pathMtu_bytes - 40;
    this.#synOptions = {
      maximumSegmentSize: Math.min(options.maximumSegmentSize ?? 536, pathSegment_bytes),
      windowScale: options.windowScale,
    };
    this.#now_ms = now_ms;
    this.#expireAt_ms = now_ms + host.idle_ms;
  }

  /** The SYN that this session was born of, seen again. */
  isBirth(view: SegmentView): boolean {
    return view.sequence === this.#initial;
  }

  /** Why a segment that comes when the copy is over is of no use. */
  afterwards(): DropReason {
    return this.outcome === 'completed' ? 'after-close' : 'given-up';
  }

  /** How far a segment lies from where this client's stream has come. */
  distance_bytes(view: SegmentView): number {
    return Math.abs(toOffset(view.sequence, this.#initial, this.#outbox.end) - this.#outbox.end);
  }

  /** Sends the SYN. */
  start(now_ms: number): void {
    this.#now_ms = now_ms;
    this.#startedAt_ms = now_ms;
    this.#move('start');
    this.#sendSyn(false);
    this.#schedule();
  }

  /** A segment of the client, not a SYN. @returns why it was of no use, or undefined */
  captured(view: SegmentView, now_ms: number): DropReason | undefined {
    if (this.state === 'closed') return this.afterwards();
    this.#now_ms = now_ms;
    const offset = toOffset(view.sequence, this.#initial, this.#outbox.end);
    if (Math.abs(offset - this.#outbox.end) > WINDOW_MAX_BYTES) return 'out-of-window';
    this.#expireAt_ms = now_ms + this.host.idle_ms;
    const position = this.#clientPosition(view);
    const acknowledged = position > (this.#clientAckOffset ?? -Infinity);
    if (acknowledged) this.#clientAckOffset = position;
    const said = this.#take(view, offset, position);
    if (said === 'give-up') return undefined;
    if (this.state !== 'waiting' && this.state !== 'syn-sent') this.#pump();
    this.#schedule();
    return said || acknowledged ? undefined : 'repeated';
  }

  /** The client began a new connection on the same port: this one has little time left to come to its end. */
  abandoned(now_ms: number): void {
    if (this.state === 'closed') return;
    this.#now_ms = now_ms;
    if (!this.#ending) this.#end('rst', this.#outbox.end, this.#clientAckOffset ?? 1);
    if (this.state === 'time-wait') this.#finish('completed');
    else if (this.state !== 'waiting' && this.state !== 'syn-sent') this.#pump();
    this.#limitClosing();
    this.#schedule();
  }

  /** Once all is said and acknowledged, the test server may take this long to close its side. */
  #limitClosing(): void {
    if (this.successor && this.#sender.finSent && this.#sender.delivered) {
      this.#expireAt_ms = Math.min(this.#expireAt_ms, this.#now_ms + CLOSE_MAX_MS);
    }
  }

  replied(reply: Reply, now_ms: number): void {
    if (this.state === 'closed' || this.state === 'waiting') return;
    this.#now_ms = now_ms;
    if (this.state === 'syn-sent') this.#repliedToSyn(reply);
    else this.#repliedInConnection(reply);
    this.#schedule();
  }

  /** A deadline has come. */
  wake(now_ms: number): void {
    if (this.state === 'closed') return;
    this.#now_ms = now_ms;
    if (now_ms >= this.#expireAt_ms) {
      if (this.state === 'time-wait') this.#finish('completed', 'expire');
      else if (this.successor && this.#sender.finSent && this.#sender.delivered) this.#reset();
      else this.giveUp('idle', now_ms);
      return;
    }
    if (now_ms >= this.#holeEnds_ms()) {
      this.giveUp('capture-hole', now_ms);
      return;
    }
    if (now_ms >= this.#sender.retransmitAt_ms && !this.#retransmit()) return;
    if (this.state !== 'syn-sent' && this.state !== 'waiting') this.#pump();
    if (now_ms >= this.#receiver.acknowledgeAt_ms) this.#acknowledge();
    this.#schedule();
  }

  /** Resets the copy on the test server and ends it. */
  giveUp(reason: GiveUpReason, now_ms: number): void {
    this.#now_ms = now_ms;
    if (this.state !== 'waiting' && this.state !== 'time-wait') this.#sendReset(this.#sender.next);
    this.#finish(reason);
  }

  /** Forgets the copy without a word to the test server. */
  drop(reason: GiveUpReason): void {
    this.#finish(reason);
  }

  // What the client says.

  /** Where the client was in the online server's stream when it sent a segment; the first one seen is offset 1. */
  #clientPosition(view: SegmentView): number {
    if (!(view.flags & ACK)) return this.#clientAckOffset ?? 1;
    this.#clientAckFirst ??= view.acknowledgment;
    const position = toOffset(
      view.acknowledgment,
      (this.#clientAckFirst - 1) >>> 0,
      this.#clientAckOffset ?? 1,
    );
    this.#exchange.begin(position);
    return position;
  }

  #take(view: SegmentView, offset: number, position: number): boolean | 'give-up' {
    let said = false;
    if (view.payloadLength > 0) {
      const outcome = this.#client.arrive(
        view.bytes,
        view.payloadOffset,
        view.payloadLength,
        offset,
        (view.flags & PSH) !== 0,
        position,
        this.#now_ms,
      );
      if (outcome === 'overflow' || this.#outbox.held_bytes > HELD_MAX_BYTES) {
        this.giveUp(outcome === 'overflow' ? 'capture-hole' : 'session-memory', this.#now_ms);
        return 'give-up';
      }
      said = outcome === 'kept';
    }
    if (view.flags & RST) return this.#end('rst', Math.max(offset, this.#outbox.end), position) || said;
    if (view.flags & FIN) return this.#end('fin', offset + view.payloadLength, position) || said;
    return said;
  }

  /** The first ending counts, except that a reset overtakes a FIN. */
  #end(kind: Ending['kind'], offset: number, clientAcknowledged: number): boolean {
    if (offset < this.#outbox.end) return false;
    if (this.#ending && (this.#ending.kind === 'rst' || kind === 'fin')) return false;
    this.#ending = { kind, offset, clientAcknowledged };
    this.#endedAt_ms = this.#now_ms;
    return true;
  }

  // What the test server says.

  #repliedToSyn(reply: Reply): void {
    const acceptable = reply.acknowledgment === toSequence(1, this.#initial);
    if (reply.flags & RST) {
      if (acceptable) this.#finish('test-refused');
      return;
    }
    if (!(reply.flags & ACK)) return;
    if (!acceptable) {
      this.#challenged(reply);
      return;
    }
    if (!(reply.flags & SYN)) return;
    this.#receiver.open(reply.sequence, this.#now_ms);
    const scaled = this.#synOptions.windowScale !== undefined && reply.windowScale !== undefined;
    this.#sender.open(
      reply.maximumSegmentSize,
      this.host.pathMtu_bytes - 40,
      scaled ? reply.windowScale : 0,
      reply.window,
      this.#now_ms,
    );
    this.#move('syn-acknowledged');
    this.#pump();
  }

  /** A remnant of an older connection answers: RFC 9293, section 3.10.7.3, reset it and ask again. */
  #challenged(reply: Reply): void {
    this.host.countChallenge();
    this.#challenges += 1;
    if (this.#challenges > CHALLENGES_MAX) {
      this.#finish('test-unreachable');
      return;
    }
    this.#transmit(reply.acknowledgment, 0, RST);
    this.#sendSyn(true);
  }

  #repliedInConnection(reply: Reply): void {
    if (reply.flags & RST) {
      if (this.#receiver.offsetOf(reply) >= this.#receiver.next) this.#resetByTest();
      return;
    }
    if (reply.flags & SYN) {
      this.#receiver.acknowledgeAt_ms = this.#now_ms; // our acknowledgment of its SYN was lost
      return;
    }
    this.#exchange.heard(this.#now_ms);
    if (reply.flags & ACK) this.#acknowledgedByTest(reply);
    if (reply.payloadLength > 0 || reply.flags & FIN) this.#responded(reply);
    if (this.outcome !== undefined) return;
    this.#pump();
    this.#limitClosing();
  }

  #acknowledgedByTest(reply: Reply): void {
    const offset = toOffset(reply.acknowledgment, this.#initial, this.#sender.unacknowledged);
    const pure = reply.payloadLength === 0 && !(reply.flags & FIN);
    this.#sender.acknowledged(offset, reply.window, pure, this.#now_ms);
    if (this.#sender.finSent && this.#ending && this.#sender.unacknowledged > this.#ending.offset) {
      if (this.state === 'fin-wait-1') this.#move('fin-acknowledged');
      else if (this.state === 'closing') this.#timeWait('fin-acknowledged');
      else if (this.state === 'last-ack') this.#finish('completed', 'fin-acknowledged');
    }
  }

  #responded(reply: Reply): void {
    const fresh = this.#receiver.received(reply, this.#synOptions.maximumSegmentSize, this.#now_ms);
    if (fresh) this.#exchange.responded((reply.flags & (PSH | FIN)) !== 0, this.#now_ms);
    if (this.#receiver.closed) this.#testClosed();
  }

  #testClosed(): void {
    if (this.state === 'established' || this.state === 'fin-wait-1') this.#move('fin-received');
    else if (this.state === 'fin-wait-2') this.#timeWait('fin-received');
  }

  /** A reset costs nothing when the client had said all and it was delivered. */
  #resetByTest(): void {
    const nothingLost =
      this.#sender.delivered && this.#ending !== undefined && this.#holeEnds_ms() === Infinity;
    this.#finish(nothingLost ? 'completed' : 'test-reset');
  }

  // What we say.

  #pump(): void {
    this.#sender.pump(this.#ending, this.#now_ms);
    if (this.#sender.finSent) {
      if (this.state === 'established' || this.state === 'close-wait') this.#move('fin-sent');
    }
    if (this.#ending?.kind === 'rst' && this.#sender.delivered && this.#outbox.end >= this.#ending.offset) {
      this.#sender.holdAt_ms = this.holdUntil_ms(this.#ending.clientAcknowledged, FOR_RESET) ?? Infinity;
      if (this.#sender.holdAt_ms === Infinity) this.#reset();
    }
  }

  /** The client is gone and all that it said was delivered. */
  #reset(): void {
    this.#sendReset(this.#sender.next);
    this.#finish('completed');
  }

  holdUntil_ms(clientAcknowledged: number, patience: Patience): number | undefined {
    if (!this.host.waitForAnswers || this.#receiver.closed) return undefined;
    const { next } = this.#receiver;
    return patience === FOR_WORDS
      ? this.#exchange.holdUntil_ms(clientAcknowledged, next, this.#now_ms)
      : this.#exchange.holdEndUntil_ms(clientAcknowledged, next, patience, this.#now_ms);
  }

  sendData(
    offset: number,
    piece: Piece | undefined,
    start: number,
    length: number,
    fin: boolean,
    again: boolean,
  ): void {
    const last = piece !== undefined && start + length === piece.bytes.length;
    const flags = ACK | (last && piece.push ? PSH : 0) | (fin ? FIN : 0);
    this.#transmit(
      toSequence(offset, this.#initial),
      this.#receiver.acknowledgment(),
      flags,
      piece,
      start,
      length,
      again,
    );
  }

  /** A segment before the window: the answer states the window (as Linux probes). */
  sendProbe(): void {
    this.host.countProbe();
    this.#transmit(
      toSequence(this.#sender.unacknowledged - 1, this.#initial),
      this.#receiver.acknowledgment(),
      ACK,
    );
  }

  #acknowledge(): void {
    this.#transmit(toSequence(this.#sender.sentUntil, this.#initial), this.#receiver.acknowledgment(), ACK);
  }

  #sendReset(offset: number): void {
    const synchronized = this.state !== 'syn-sent';
    const sequence = toSequence(synchronized ? offset : 1, this.#initial);
    this.#transmit(
      sequence,
      synchronized ? this.#receiver.acknowledgment() : 0,
      synchronized ? RST | ACK : RST,
    );
  }

  #sendSyn(again: boolean): void {
    this.host.transmit(
      this,
      {
        sequence: this.#initial,
        acknowledgment: 0,
        flags: SYN,
        window: ADVERTISED_WINDOW,
        payload: undefined,
        payloadStart: 0,
        payloadLength: 0,
        synOptions: this.#synOptions,
      },
      again,
    );
    this.#sender.retransmitAt_ms = this.#now_ms + this.#sender.roundTrip.timeout_ms;
  }

  #transmit(
    sequence: number,
    acknowledgment: number,
    flags: number,
    payload?: Piece,
    payloadStart = 0,
    payloadLength = 0,
    again = false,
  ): void {
    const window = flags & RST ? 0 : ADVERTISED_WINDOW;
    this.host.transmit(
      this,
      { sequence, acknowledgment, flags, window, payload, payloadStart, payloadLength },
      again,
    );
  }

  #retransmit(): boolean {
    if (this.state === 'syn-sent') {
      if (this.#now_ms - this.#startedAt_ms > HANDSHAKE_MAX_MS) {
        this.giveUp('test-unreachable', this.#now_ms);
        return false;
      }
      this.#sender.roundTrip.backOff();
      this.#sendSyn(true);
      return true;
    }
    if (this.#sender.timedOut(this.#now_ms)) return true;
    this.giveUp('test-silent', this.#now_ms);
    return false;
  }

  // States and timers.

  #move(event: StateEvent): void {
    this.state = nextState(this.state, event);
  }

  #timeWait(event: StateEvent): void {
    this.#move(event);
    this.#expireAt_ms = this.#now_ms + TIME_WAIT_MS;
  }

  #finish(outcome: Outcome, event: StateEvent = 'abort'): void {
    if (this.state === 'closed') return;
    this.#move(event);
    this.outcome = outcome;
    this.deadline_ms = Infinity;
    this.host.finished(this, outcome);
  }

  /** When bytes that were not captured, before others that were or before the end, are no longer waited for. */
  #holeEnds_ms(): number {
    let since_ms = this.#client.holeSince_ms ?? Infinity;
    if (this.#ending && this.#ending.offset > this.#outbox.end)
      since_ms = Math.min(since_ms, this.#endedAt_ms);
    return since_ms + HOLE_MAX_MS;
  }

  #schedule(): void {
    if (this.state === 'closed') return;
    this.deadline_ms = Math.min(
      this.#sender.retransmitAt_ms,
      this.#sender.holdAt_ms,
      this.#receiver.acknowledgeAt_ms,
      this.#expireAt_ms,
      this.#holeEnds_ms(),
    );
    this.host.schedule(this);
  }
}
