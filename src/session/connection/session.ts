/**
 * One client connection and its copy: a virtual TCP client that says to the test server what the client said to the
 * online server. Events come in (a captured segment, a reply, a timer), packets go out through the host.
 */
import { ACK, FIN, PSH, RST, SYN } from '../../wire/tcp';
import type { Reply, Route } from '../../wire/reply';
import type { SegmentView } from '../../wire/segment';
import * as clientPosition from '../stream/client-position';
import { ClientStream } from '../stream/client-stream';
import type { Birth } from './birth';
import type { LastWords } from '../tables/boundary-watch';
import type { DropReason, GiveUpReason } from '../tables/counters';
import type { Sleeper } from '../tables/deadlines';
import * as exchange from '../exchange/exchange';
import { FOR_RESET, FOR_WORDS, postponed, type Patience } from '../exchange/exchange';
import { toOffset, toSequence } from '../stream/offsets';
import type { Piece } from '../stream/outbox';
import * as receiver from '../receiving/receiver';
import * as roundTrip from '../sending/rtt';
import * as sender from '../sending/sender';
import { SessionRecord } from './session-record';
import type { Ending } from '../sending/sender';
import type { OutgoingSegment, Outcome, SessionHost, SynOptions } from './session-host';
import * as speech from './speech';
import { nextState, type StateEvent } from './states';

/** Long enough to acknowledge a repeated FIN; the client's port is free for its next connection at once. */
const TIME_WAIT_MS = 1000;
/** How long the test server may keep a port that the client uses again. */
const CLOSE_MAX_MS = 5000;
const HANDSHAKE_MAX_MS = 63_000;
/** Refusals of our SYN by a remnant of an older connection, after each of which it is reset and asked again. */
const CHALLENGES_MAX = 5;
/** Longer than anything is under way between the test server and us. */
const UNDER_WAY_MAX_MS = 200;
/** How long bytes that were not captured are waited for: longer than a client takes to send them again. */
const HOLE_MAX_MS = 3000;
/**
 * Captured positions further away than this belong to another connection on the same port. RFC 7323 allows windows of
 * 1 GiB; no system opens one beyond this by default.
 */
const WINDOW_MAX_BYTES = 64 * 1024 * 1024;
const HELD_MAX_BYTES = 64 * 1024 * 1024;

export class Session
  extends SessionRecord
  implements Sleeper, sender.Sender, receiver.Receiver, exchange.Exchange, speech.Speaker
{
  /** The client's next connection from the same port, born while this one was not over. */
  successor: Session | undefined;

  readonly synOptions: SynOptions;
  readonly #client: ClientStream;
  #ending: Ending | undefined;

  /** The SYN could not go out yet. */
  #synOwed = false;
  /** The last bytes taken ended a write. */
  #complete = true;

  /** @param key the client's endpoint @param route the copy's own endpoint, and the test server's */
  constructor(
    key: number,
    route: Route,
    birth: Birth,
    readonly host: SessionHost,
  ) {
    super();
    this.key = key;
    this.route = route;
    this.initialSequence = birth.initialSequence;
    this.synOptions = birth.synOptions;
    this.#client = new ClientStream(this.outbox, host);
    this.expireAt_ms = host.now_ms + host.idle_ms;
  }

  get segmentMax_bytes(): number {
    return this.host.segmentMax_bytes;
  }

  emit(segment: OutgoingSegment, again: boolean): void {
    this.host.transmit(this, segment, again);
  }

  /** The test server has closed the connection, all that the client said was sent, and the client begins a request. */
  closedBefore(view: SegmentView): boolean {
    if (this.state !== 'close-wait' || this.#ending || view.payloadLength === 0) return false;
    if (this.sendNext < this.outbox.end || view.flags & RST) return false;
    const position = clientPosition.offsetAt(this, view);
    // A client that has read as much as the test server sent, FIN included, was told the end as well: it goes on here.
    return (
      toOffset(view.sequence, this.initialSequence, this.outbox.end) === this.outbox.end &&
      this.#complete &&
      this.#client.early_bytes === 0 &&
      this.outbox.beginsAt(position) &&
      position < this.responseNext
    );
  }

  /** Where the client's words end that were taken, for whoever joins the connection again. */
  lastWords(): LastWords {
    return {
      end: toSequence(this.#client.seenEnd, this.initialSequence),
      acknowledgment: clientPosition.acknowledgment(this),
      complete: this.#complete,
    };
  }

  /** Requests of which nothing was sent. */
  get unsentRequests(): number {
    return this.outbox.requestsFrom(this.sentUntil);
  }

  /** Why a segment that comes when the copy is over is of no use. */
  afterwards(): DropReason {
    return this.outcome === 'completed' ? 'after-close' : 'given-up';
  }

  /** The segment lies behind the end of this connection: the client has begun another one on its port. */
  isBeyond(view: SegmentView): boolean {
    if (!this.#ending) return false;
    const end = this.#ending.offset + 1;
    return toOffset(view.sequence, this.initialSequence, end) > end;
  }

  /** How far a segment lies from where this client's stream has come. */
  distance_bytes(view: SegmentView): number {
    return Math.abs(toOffset(view.sequence, this.initialSequence, this.outbox.end) - this.outbox.end);
  }

  /** Sends the SYN. */
  start(): void {
    sender.begin(this, this.host.now_ms);
    if (this.state === 'waiting') this.#move('start');
    this.#sendSyn(false);
    this.#schedule();
  }

  /** A segment of the client, not a SYN. @returns why it was of no use, or undefined */
  captured(view: SegmentView): DropReason | undefined {
    if (this.state === 'closed') return this.afterwards();
    const offset = toOffset(view.sequence, this.initialSequence, this.outbox.end);
    if (Math.abs(offset - this.outbox.end) > WINDOW_MAX_BYTES) return 'out-of-window';
    if (this.state !== 'time-wait') this.expireAt_ms = this.host.now_ms + this.host.idle_ms;
    const position = clientPosition.offsetAt(this, view);
    const acknowledged = clientPosition.take(this, view, position);
    exchange.begin(this, position);
    const said = this.#take(view, offset, position);
    if (said === 'give-up') return undefined;
    if (this.state !== 'waiting' && this.state !== 'syn-sent') this.#pump();
    this.#limitClosing();
    this.#schedule();
    return said || acknowledged ? undefined : 'repeated';
  }

  /** The client began a new connection on the same port: this one has little time left to come to its end. */
  abandoned(): void {
    if (this.state === 'closed') return;
    // What stands behind a hole is part of it, and waits for the hole to be filled.
    if (!this.#ending) this.#end('rst', this.#client.seenEnd, clientPosition.offset(this));
    if (this.state === 'time-wait') this.finish('completed');
    else if (this.state !== 'waiting' && this.state !== 'syn-sent') this.#pump();
    this.#limitClosing();
    this.#schedule();
  }

  /** Once all is said and acknowledged, the test server may take this long to close its side. */
  #limitClosing(): void {
    if (this.successor && this.finSent && sender.isDelivered(this)) {
      this.expireAt_ms = Math.min(this.expireAt_ms, this.host.now_ms + CLOSE_MAX_MS);
    }
  }

  replied(reply: Reply): void {
    if (this.state === 'closed' || this.state === 'waiting') return;
    if (this.state === 'syn-sent') this.#repliedToSyn(reply);
    else this.#repliedInConnection(reply);
    this.#schedule();
  }

  /** A deadline has come. */
  wake(): void {
    const { now_ms } = this.host;
    if (this.state === 'closed') return;
    if (now_ms >= this.expireAt_ms) {
      if (this.state === 'time-wait') this.finish('completed', 'expire');
      else if (this.successor && this.finSent && sender.isDelivered(this)) this.#reset();
      else this.giveUp('idle');
      return;
    }
    if (now_ms >= this.#holeEnds_ms()) {
      this.giveUp('capture-hole');
      return;
    }
    if (now_ms >= this.unansweredSince_ms + this.host.response_ms) {
      this.giveUp('test-unanswered');
      return;
    }
    if (now_ms >= this.retransmitAt_ms && !this.#retransmit()) return;
    if (this.state !== 'syn-sent' && this.state !== 'waiting') this.#pump();
    if (now_ms >= this.acknowledgeAt_ms) speech.acknowledge(this, this.sentUntil);
    this.#schedule();
  }

  /** The guard is armed again: what had to wait goes out, and none of it counts as waited for in vain. */
  goOn(suspended_ms: number): void {
    const { now_ms } = this.host;
    if (this.state === 'closed' || this.state === 'waiting') return;
    this.unansweredSince_ms = postponed(this.unansweredSince_ms, suspended_ms, now_ms);
    sender.postpone(this, suspended_ms, now_ms);
    exchange.postpone(this, suspended_ms, now_ms);
    if (this.state !== 'syn-sent') this.#pump();
    else if (this.#synOwed) this.#sendSyn(false);
    this.#schedule();
  }

  /** Resets the copy on the test server and ends it; while nothing may be said, only if nobody will answer. */
  giveUp(reason: GiveUpReason): void {
    if (this.state !== 'waiting' && this.state !== 'time-wait') this.#sendReset();
    this.finish(reason);
  }

  // What the client says.

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
        this.host.now_ms,
      );
      if (outcome === 'overflow' || this.outbox.held_bytes > HELD_MAX_BYTES) {
        this.giveUp(outcome === 'overflow' ? 'capture-hole' : 'session-memory');
        return 'give-up';
      }
      said = outcome === 'kept';
      if (said) this.#complete = (view.flags & PSH) !== 0;
    }
    if (view.flags & RST) return this.#end('rst', Math.max(offset, this.outbox.end), position) || said;
    if (view.flags & FIN) return this.#end('fin', offset + view.payloadLength, position) || said;
    return said;
  }

  /** The first ending counts, except that a reset overtakes a FIN. */
  #end(kind: Ending['kind'], offset: number, clientAcknowledged: number): boolean {
    if (offset < this.outbox.end) return false;
    if (this.#ending && (this.#ending.kind === 'rst' || kind === 'fin')) return false;
    this.#ending = { kind, offset, clientAcknowledged, at_ms: this.host.now_ms };
    return true;
  }

  // What the test server says.

  #repliedToSyn(reply: Reply): void {
    const acceptable = reply.acknowledgment === toSequence(1, this.initialSequence);
    if (reply.flags & RST) {
      if (acceptable) this.finish('test-refused');
      return;
    }
    if (!(reply.flags & ACK)) return;
    if (!acceptable || !(reply.flags & SYN)) {
      this.#challenged(reply, acceptable);
      return;
    }
    receiver.open(this, reply.sequence, this.host.now_ms);
    const scaled = this.synOptions.windowScale !== undefined && reply.windowScale !== undefined;
    sender.open(
      this,
      reply.maximumSegmentSize,
      scaled ? reply.windowScale : 0,
      reply.window,
      this.host.now_ms,
    );
    this.#move('syn-acknowledged');
    this.#pump();
  }

  /**
   * A remnant of an older connection answers: RFC 9293, section 3.10.7.3, it is reset and asked again. An acknowledgment
   * of just what we asked can also have been under way when an older copy ended, and several are more likely to have
   * been: then a reset could hit the connection that our SYN has begun, so it is sent only when nothing else answers.
   */
  #challenged(reply: Reply, acceptable: boolean): void {
    this.remnantAt = reply.acknowledgment;
    if (!acceptable && this.challenges === 0 && !this.host.mustWait(this))
      this.#resetRemnant(reply.acknowledgment);
    else this.retransmitAt_ms = Math.min(this.retransmitAt_ms, this.host.now_ms + UNDER_WAY_MAX_MS);
  }

  #resetRemnant(at: number): void {
    this.host.countChallenge();
    this.challenges += 1;
    if (this.challenges > CHALLENGES_MAX) {
      this.leftOpen = true;
      this.finish('test-unreachable');
      return;
    }
    this.remnantAt = -1;
    speech.resetUnsynchronized(this, at);
    this.#sendSyn(true);
  }

  #repliedInConnection(reply: Reply): void {
    if (reply.flags & RST) {
      if (receiver.offsetOf(this, reply) >= this.responseNext) this.#resetByTest();
      return;
    }
    if (reply.flags & SYN) {
      this.acknowledgeAt_ms = this.host.now_ms; // our acknowledgment of its SYN was lost
      return;
    }
    exchange.heard(this, this.host.now_ms);
    if (reply.flags & ACK) this.#acknowledgedByTest(reply);
    if (reply.payloadLength > 0 || reply.flags & FIN) this.#responded(reply);
    if (this.outcome !== undefined) return;
    this.#pump();
    this.#limitClosing();
  }

  #acknowledgedByTest(reply: Reply): void {
    const offset = toOffset(reply.acknowledgment, this.initialSequence, this.unacknowledged);
    const pure = reply.payloadLength === 0 && !(reply.flags & FIN);
    sender.acknowledged(this, offset, reply.window, pure, this.host.now_ms);
    if (this.finSent && this.#ending && this.unacknowledged > this.#ending.offset) {
      if (this.state === 'fin-wait-1') this.#move('fin-acknowledged');
      else if (this.state === 'closing') this.#timeWait('fin-acknowledged');
      else if (this.state === 'last-ack') this.finish('completed', 'fin-acknowledged');
    }
  }

  #responded(reply: Reply): void {
    const fresh = receiver.received(this, reply, this.synOptions.maximumSegmentSize, this.host.now_ms);
    if (fresh) {
      exchange.responded(this, (reply.flags & (PSH | FIN)) !== 0, this.host.now_ms);
      this.unansweredSince_ms = Infinity;
    }
    if (!receiver.isClosed(this)) return;
    if (this.state === 'established' || this.state === 'fin-wait-1') this.#move('fin-received');
    else if (this.state === 'fin-wait-2') this.#timeWait('fin-received');
  }

  /** A reset costs nothing when the client had said all and it was delivered. */
  #resetByTest(): void {
    const nothingLost =
      sender.isDelivered(this) && this.#ending !== undefined && this.#holeEnds_ms() === Infinity;
    this.finish(nothingLost ? 'completed' : 'test-reset');
  }

  // What we say.

  #pump(): void {
    if (this.host.mustWait(this)) return;
    sender.pump(this, this.#ending, this.host.now_ms);
    if (this.finSent) {
      if (this.state === 'established' || this.state === 'close-wait') this.#move('fin-sent');
    }
    if (this.#ending?.kind === 'rst' && sender.isDelivered(this) && this.outbox.end >= this.#ending.offset) {
      this.holdAt_ms = this.holdUntil_ms(this.#ending.clientAcknowledged, FOR_RESET) ?? Infinity;
      if (this.holdAt_ms === Infinity) this.#reset();
    }
  }

  /** The client is gone and all that it said was delivered. */
  #reset(): void {
    this.#sendReset();
    this.finish('completed');
  }

  holdUntil_ms(clientAcknowledged: number, patience: Patience): number | undefined {
    if (!this.host.waitForAnswers || receiver.isClosed(this)) return undefined;
    const next = this.responseNext;
    if (patience !== FOR_WORDS)
      return exchange.holdEndUntil_ms(this, clientAcknowledged, next, patience, this.host.now_ms);
    const until_ms = exchange.holdUntil_ms(this, clientAcknowledged, next, this.host.now_ms);
    if (until_ms !== undefined) {
      this.unansweredSince_ms = Math.min(this.unansweredSince_ms, this.host.now_ms);
      this.host.countHeld();
    }
    return until_ms;
  }

  sendData(
    offset: number,
    piece: Piece | undefined,
    start: number,
    length: number,
    fin: boolean,
    again: boolean,
  ): void {
    // What the test server's acknowledgments ask for again waits for its timer.
    if (this.host.mustWait(this)) return;
    if (piece?.begins === true && start === 0 && !again) this.host.countRequest('sent');
    speech.data(this, offset, piece, start, length, fin, again);
  }

  /** A segment before the window: the answer states the window (as Linux probes). */
  sendProbe(): void {
    this.host.countProbe();
    speech.acknowledge(this, this.unacknowledged - 1);
  }

  /**
   * A reset with the number that the test server expects next is never answered (RFC 9293, section 3.10.7.4; RFC 5961,
   * section 3.2), so that it needs no guard. That number is known once nothing is under way, and not before the handshake
   * is through: an older copy may still be there, and answer. Whether the reset arrived is not known, so that the copy is
   * left to whoever can see. So is one whose words are not acknowledged, even under a guard: what was lost of them is not
   * known either, and a reset behind them would be one that the test server does not expect.
   */
  #sendReset(): void {
    if (this.host.mustWait(this)) {
      this.leftOpen = !this.#synOwed;
      const exact = this.sendNext === this.sentUntil && this.state !== 'syn-sent';
      if (this.#synOwed || !exact || this.host.suspended_ms < UNDER_WAY_MAX_MS) return;
    } else this.leftOpen = !sender.isAcknowledged(this);
    if (this.state === 'syn-sent') speech.resetUnsynchronized(this, toSequence(1, this.initialSequence));
    else speech.reset(this, this.sendNext);
  }

  #sendSyn(again: boolean): void {
    this.#synOwed = this.host.mustWait(this);
    if (!this.#synOwed) speech.syn(this, again);
    this.retransmitAt_ms = this.host.now_ms + this.retransmitAfter_ms;
  }

  #retransmit(): boolean {
    if (this.state === 'syn-sent') {
      if (sender.stalled_ms(this, this.host.now_ms) > HANDSHAKE_MAX_MS) {
        this.giveUp('test-unreachable');
        return false;
      }
      roundTrip.backOff(this);
      if (this.remnantAt < 0) this.#sendSyn(true);
      else this.#resetRemnant(this.remnantAt);
      return this.outcome === undefined;
    }
    if (sender.timedOut(this, this.host.now_ms)) return true;
    this.giveUp('test-silent');
    return false;
  }

  // States and timers.

  #move(event: StateEvent): void {
    this.state = nextState(this.state, event);
  }

  #timeWait(event: StateEvent): void {
    this.#move(event);
    // Whoever waits for the port needs no more than that the FIN is acknowledged.
    this.expireAt_ms = this.host.now_ms + (this.successor ? 1 : TIME_WAIT_MS);
  }

  /** Ends the copy without a word. */
  finish(outcome: Outcome, event: StateEvent = 'abort'): void {
    if (this.state === 'closed') return;
    this.#move(event);
    this.outcome = outcome;
    this.deadline_ms = Infinity;
    this.host.finished(this, outcome);
    this.outbox.clear();
    this.#client.clear();
    this.#tellHeld();
  }

  #tellHeld(): void {
    const held_bytes = this.outbox.held_bytes + this.#client.early_bytes;
    if (held_bytes !== this.toldHeld_bytes) this.host.holds(held_bytes - this.toldHeld_bytes);
    this.toldHeld_bytes = held_bytes;
  }

  /** When bytes that were not captured, before others that were or before the end, are no longer waited for. */
  #holeEnds_ms(): number {
    let since_ms = this.#client.holeSince_ms ?? Infinity;
    if (this.#ending && this.#ending.offset > this.outbox.end)
      since_ms = Math.min(since_ms, this.#ending.at_ms);
    return since_ms + HOLE_MAX_MS;
  }

  #schedule(): void {
    if (this.state === 'closed') return;
    this.deadline_ms = Math.min(
      this.retransmitAt_ms,
      this.holdAt_ms,
      this.acknowledgeAt_ms,
      this.expireAt_ms,
      this.#holeEnds_ms(),
      this.unansweredSince_ms + this.host.response_ms,
    );
    this.#tellHeld();
    this.host.schedule(this);
  }
}
