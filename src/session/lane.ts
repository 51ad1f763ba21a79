/**
 * The copies with one number of one transfer's connections: the session that each captured segment belongs to, several
 * connections of a client on one port after another, and connections that are joined in the middle.
 */
import { EndpointMap } from '../wire/tables/endpoint-map';
import type { Reply, Route } from '../wire/reply';
import { ipHeader_bytes } from '../wire/ip/ip';
import type { SegmentView } from '../wire/segment';
import { ACK, SYN, TCP_HEADER_MIN_BYTES } from '../wire/tcp';
import type { Transfer } from './contract';
import type { EngineState } from './engine-state';
import { birthBefore, birthFromSyn, type Birth } from './connection/birth';
import { forgetRemnant, start } from './connection/handshake';
import { afterwards, finish, giveUp, isHeardOut, oldestUnsaid_ms } from './connection/moves';
import { Session } from './connection/session';
import type { Doubtful, Outcome, SessionHost } from './connection/session-host';
import type { TestServer } from './connection/test-server';
import { woken } from './events/deadline';
import { armedAgain } from './events/guard';
import { abandoned, captured, distance_bytes, isBeyond, lastWords, leaveOut } from './events/segment';
import { doubt } from './events/loss';
import type { OutgoingSegment } from './sending/segment';
import { toSequence } from './stream/offsets';
import { BoundaryWatch } from './tables/boundary-watch';
import { ClosedConnections } from './connection/closed-connections';
import { clientOf } from './tables/connection-key';
import { type CounterName, type DropReason, type GiveUpReason, type RefusalReason } from './tables/counters';

/** Connections that are not being copied are watched at least in this number: they take little. */
const WATCHED_MIN = 1000;
/** Nobody's patience suffers by a suspension that is shorter. */
const NOTICED_MS = 50;
/** Source endpoints that are tried when others turn out to be in use at the test server. */
const REROUTES_MAX = 3;

/** What the lanes of one transfer share. */
export interface LaneGroup {
  readonly transfer: Transfer;
  readonly testServer: TestServer<Session>;
  /** Something was waited for in vain: whoever waits for the same is to look again. */
  tellMissed(): void;
}

export class Lane implements SessionHost<Session> {
  readonly idle_ms: number;
  readonly response_ms: number;
  readonly waitForAnswers: boolean;
  readonly wholeConnectionsOnly: boolean;
  readonly lateMax_ms: number;
  readonly repeatsDoubtful: boolean;
  /** By the client's endpoint; the oldest of several on one port. */
  readonly #sessions = new EndpointMap<Session>();
  readonly #closed = new ClosedConnections();
  readonly #watch: BoundaryWatch;
  /** Since when it sees all connections, and not only those that it copies. */
  #seesSince_ms = -Infinity;
  /** Of a packet to this test server, without options. */
  readonly #headers_bytes: number;
  /** Who had something to say while the guard was suspended. */
  readonly #waiting = new Set<Session>();
  readonly #reroutes = new Map<Session, number>();

  /** @param copy which of several copies of each connection, from 0 */
  constructor(
    private readonly engine: EngineState,
    private readonly group: LaneGroup,
    private readonly copy: number,
  ) {
    this.#headers_bytes = ipHeader_bytes(group.transfer.testAddress) + TCP_HEADER_MIN_BYTES;
    this.idle_ms = engine.idle_ms;
    this.response_ms = engine.response_ms;
    this.waitForAnswers = engine.waitForAnswers;
    this.wholeConnectionsOnly = engine.wholeConnectionsOnly;
    this.lateMax_ms = engine.lateMax_ms;
    this.repeatsDoubtful = engine.repeatsDoubtful;
    this.#watch = new BoundaryWatch(Math.max(engine.sessions_max, WATCHED_MIN));
  }

  get now_ms(): number {
    return this.engine.now_ms;
  }

  get segmentMax_bytes(): number {
    return Math.max(1, this.group.testServer.packetMax_bytes - this.#headers_bytes);
  }

  givenAt_ms({ at_ms }: Reply): number {
    const { now_ms, replyClockAhead_ms } = this.engine;
    const given_ms = at_ms + replyClockAhead_ms;
    return given_ms <= now_ms ? given_ms : now_ms;
  }

  get suspended_ms(): number {
    const { guard, now_ms, suspendedAt_ms } = this.engine;
    return guard === 'suspended' ? now_ms - suspendedAt_ms : 0;
  }

  /** From now on it copies connections again, and did not see what was said before. */
  reopen(now_ms: number): void {
    this.#seesSince_ms = now_ms;
  }

  /** Nobody wants so many copies any more: those that are going on end with their connections. */
  get #isClosed(): boolean {
    return this.copy >= this.engine.copies;
  }

  /** @returns why the segment is not used, or undefined */
  captured(view: SegmentView, key: number): DropReason | undefined {
    const session = this.#sessions.get(key);
    if (view.flags & SYN) return this.#syn(view, key, session);
    if (!session) return this.#withoutSession(view, key);
    const reason = this.#known(view, session);
    if (this.engine.memoryUsed_bytes > this.engine.memory_bytes && session.state !== 'closed')
      giveUp(session, 'memory');
    return reason;
  }

  mustWait(session: Session): boolean {
    if (this.engine.guard !== 'suspended') return false;
    this.#waiting.add(session);
    return true;
  }

  /** Packets of clients were lost: of whom nothing is heard for a while, the end may have been among them. */
  lossReported(): void {
    for (const head of this.#sessions.values())
      for (let one: Session | undefined = head; one; one = one.successor) doubt(one);
  }

  /** Of all copies that are going on. */
  routes(): Route[] {
    const going = this.#sessions.values().filter(({ state }) => state !== 'closed');
    return going.map(({ route }) => route);
  }

  /** The guard is armed again. Behind a short suspension only those go on that had something to say. */
  goOn(suspended_ms: number): void {
    const going = suspended_ms > NOTICED_MS ? this.#sessions.values() : [...this.#waiting];
    this.#waiting.clear();
    for (const session of going) armedAgain(session, suspended_ms);
  }

  /** Whoever waits for something of the test server looks again whether it is worth waiting for. */
  lookAgain(): void {
    for (const session of this.#sessions.values()) if (session.holdAt_ms < Infinity) woken(session);
  }

  /** When the oldest words were captured that no copy has said yet, or Infinity. */
  oldestUnsaid_ms(): number {
    let oldest_ms = Infinity;
    for (const head of this.#sessions.values())
      for (let one: Session | undefined = head; one; one = one.successor)
        oldest_ms = Math.min(oldest_ms, oldestUnsaid_ms(one));
    return oldest_ms;
  }

  /** Ends all copies, or those with certain source endpoints. */
  endAll(end: (session: Session) => void, chosen: (route: Route) => boolean = () => true): void {
    for (const session of this.#sessions.values()) {
      if (!chosen(session.route)) continue;
      // The newest first: one that has not begun ends without a word about the endpoint, which is not its own yet.
      for (let last = latest(session); last !== session; last = latest(session)) end(last);
      if (session.state !== 'closed') end(session);
      this.#forget(session);
    }
  }

  /** Gives up the copies of a client's connections. */
  giveUp(key: number, reason: GiveUpReason): void {
    const head = this.#sessions.get(key);
    // The newest first, as in `endAll`.
    for (let last = head && latest(head); last && last !== head; last = latest(head!)) giveUp(last, reason);
    if (head && head.state !== 'closed') giveUp(head, reason);
  }

  /** All clients are gone. */
  clientsGone(): void {
    for (const head of this.#sessions.values()) {
      // The newest first: an older one that ends now makes room for those behind it.
      const line: Session[] = [];
      for (let one: Session | undefined = head; one; one = one.successor) line.unshift(one);
      for (const session of line) abandoned(session);
    }
  }

  unroutable(session: Session): void {
    const { engine } = this;
    const tries = this.#reroutes.get(session) ?? 0;
    const { clientAddress, clientPort } = session.route;
    const route =
      session.state === 'syn-sent' && tries < REROUTES_MAX
        ? engine.sources.choose(clientAddress, clientPort, this.group.transfer, this.copy)
        : undefined;
    if (!route) {
      finish(session, 'unroutable');
      return;
    }
    this.#reroutes.set(session, tries + 1);
    engine.sources.release(session.route);
    engine.outputs.unregister(session.route);
    engine.sources.take(route, session);
    this.#register(session.key, route);
    for (let next: Session | undefined = session; next; next = next.successor) next.route = route;
    forgetRemnant(session);
    start(session);
  }

  isHeld({ route }: Session): boolean {
    return this.engine.sources.isHeld(route);
  }

  #forget(session: Session): void {
    this.engine.deadlines.remove(session);
    if (this.#sessions.get(session.key) === session) this.#sessions.delete(session.key);
  }

  // What sessions ask for (SessionHost).

  transmit(session: Session, segment: OutgoingSegment, again: boolean): void {
    const { counters, outputs, spoke, writer } = this.engine;
    counters.packets_sent += 1;
    if (again) counters.packets_retransmitted += 1;
    else {
      counters.payload_bytes_sent += segment.payloadLength;
      if (segment.payloadLength > 0 && spoke[spoke.length - 1] !== session) spoke.push(session);
    }
    if (segment.flags === ACK && segment.payloadLength === 0) counters.packets_acknowledgment_only += 1;
    outputs.send(writer.packet, writer.write(session, segment), this.group.transfer.testAddress);
  }

  count(what: CounterName, by = 1): void {
    this.engine.counters[what] += by;
  }

  countHeld(): void {
    this.engine.heldBack += 1;
  }

  countCaptured(): void {
    this.engine.counters.requests_captured += 1;
  }

  countSent(late_ms: number): void {
    this.engine.counters.requests_sent += 1;
    this.engine.lateness.note(Math.max(0, late_ms));
  }

  answered(first_ms: number, last_ms: number): void {
    this.engine.counters.answers_timed += 1;
    this.engine.outputs.answered?.(this.group.transfer, first_ms, last_ms);
  }

  unanswered(reason: Parameters<SessionHost<Session>['unanswered']>[0]): void {
    this.engine.counters[`answers_missing_${reason}`] += 1;
  }

  answeredOnlineOnly(reason: Parameters<SessionHost<Session>['answeredOnlineOnly']>[0]): void {
    this.engine.counters[`answers_online_only_${reason}`] += 1;
  }

  answeredByTestOnly(): void {
    this.engine.counters.answers_test_only += 1;
  }

  tookRoundTrip(roundTrip_ms: number): void {
    this.group.testServer.tookRoundTrip(roundTrip_ms);
  }

  tellMissed(): void {
    this.group.tellMissed();
  }

  lingers(session: Session): void {
    this.engine.lingering.add(session);
  }

  doubtful(session: Session, { count, from, to }: Doubtful): void {
    this.engine.counters.requests_doubtful += count;
    const { key, clientInitialSequence } = session;
    const sequence = toSequence(from, clientInitialSequence);
    this.engine.outputs.doubtful?.({ ...clientOf(key), count, sequence, bytes: to - from });
  }

  holds(change_bytes: number): void {
    this.engine.held_bytes += change_bytes;
  }

  schedule(session: Session): void {
    this.engine.deadlines.schedule(session);
  }

  finished(session: Session, outcome: Outcome): void {
    const { engine } = this;
    this.#heardOut(session);
    engine.sessionCount -= 1;
    this.#reroutes.delete(session);
    this.#waiting.delete(session);
    engine.lingering.delete(session);
    if (outcome === 'completed') engine.counters.sessions_completed += 1;
    else this.#countGivenUp(session, outcome);
    const { successor } = session;
    const head = this.#sessions.get(session.key);
    if (head && head !== session) {
      // It never started: the port still belongs to the copy of an earlier connection.
      const before = predecessor(head, session);
      before.successor = successor;
      if (successor) return;
      // Nobody waits for its port any more.
      before.expireAt_ms = engine.now_ms + this.idle_ms;
      this.#watch.remember(session.key, lastWords(session), engine.now_ms);
      return;
    }
    if (successor) {
      session.successor = undefined;
      engine.deadlines.remove(session);
      this.#sessions.set(session.key, successor);
      engine.sources.take(successor.route, successor);
      // It may be routable by now, or else has to hear again that it is not.
      if (outcome === 'unroutable') this.#register(successor.key, successor.route);
      start(successor);
      return;
    }
    engine.sources.release(session.route);
    engine.outputs[session.leftOpen ? 'abandon' : 'unregister'](session.route);
    this.#forget(session);
    if (outcome === 'completed') this.#rememberClosed(session);
    // What was said since is not known of one that was left out.
    else if (outcome !== 'left-out') this.#watch.remember(session.key, lastWords(session), engine.now_ms);
  }

  /** What the client still says on a connection that is over must be known as that. */
  #rememberClosed({ key, clientInitialSequence, outbox, ending }: Session): void {
    const endsAt = ending?.offset ?? Infinity;
    this.#closed.remember(key, clientInitialSequence, outbox.end, endsAt, this.engine.now_ms);
  }

  #countGivenUp(session: Session, reason: GiveUpReason): void {
    const { counters } = this.engine;
    counters[`sessions_given_up_${reason}`] += 1;
    counters[`requests_given_up_${reason}`] += session.outbox.unsaidRequests();
  }

  // Finding the session.

  #syn(view: SegmentView, key: number, current: Session | undefined): DropReason | undefined {
    const last = current && latest(current);
    if (last?.clientInitialSequence === view.sequence) {
      if (last.outcome !== undefined) return afterwards(last);
      return view.payloadLength > 0 ? this.#hear(last, view) : 'repeated';
    }
    if (!last && this.#closed.find(key, this.engine.now_ms)?.isBegunBy(view)) return 'after-close';
    this.#watch.forget(key);
    const birth = birthFromSyn(view, this.segmentMax_bytes);
    const session = this.#begin(view, key, birth, current);
    if (typeof session === 'string') {
      if (last) this.#abandon(last);
      return session;
    }
    // RFC 7413: a client may say its first words with its SYN.
    if (view.payloadLength > 0) this.#hear(session, view);
    return undefined;
  }

  #withoutSession(view: SegmentView, key: number): DropReason | undefined {
    const closed = this.#closed.find(key, this.engine.now_ms);
    return closed && !closed.isBefore(view) ? 'after-close' : this.#unknown(view, key, undefined);
  }

  #known(view: SegmentView, session: Session): DropReason | undefined {
    const one = nearest(session, view);
    if (!one.successor && !this.engine.admission.isOpen(session.key)) {
      leaveOut(one, view);
      if (one.endsFor) this.#heardOut(one);
    }
    // The beginning of the client's next connection was not seen, or could not be copied.
    if (!one.successor && isBeyond(one, view)) return this.#unknown(view, session.key, session);
    return this.#hear(one, view);
  }

  #hear(session: Session, view: SegmentView): DropReason | undefined {
    const reason = captured(session, view);
    if (isHeardOut(session)) this.#heardOut(session);
    return reason;
  }

  /** Its client has begun another connection on its port. */
  #abandon(session: Session): void {
    abandoned(session);
    if (isHeardOut(session)) this.#heardOut(session);
  }

  /** Nothing that its client says is waited for any more. */
  #heardOut(session: Session): void {
    if (!session.isListening) return;
    session.isListening = false;
    this.engine.admission.heardOut(session.key);
  }

  /** @param current the copy of an earlier connection on this port */
  #unknown(view: SegmentView, key: number, current: Session | undefined): DropReason | undefined {
    const { engine } = this;
    if (this.#isClosed || !engine.admission.isOpen(key)) return 'left-out';
    const since = engine.seenSince(key, this.#seesSince_ms);
    const reason = this.#watch.passes(view, key, since, engine.now_ms);
    if (engine.guard === 'disarmed') return 'not-armed';
    if (engine.wholeConnectionsOnly) return reason === 'given-up' ? reason : 'no-session';
    return reason ?? this.#join(view, key, current);
  }

  /** Begins the copy of a connection with the request that begins with this segment. */
  #join(view: SegmentView, key: number, current: Session | undefined): DropReason | undefined {
    const birth = birthBefore(view.sequence, Math.min(this.engine.joinSegment_bytes, this.segmentMax_bytes));
    const session = this.#begin(view, key, birth, current);
    if (typeof session === 'string') return session;
    this.#watch.forget(key);
    this.engine.counters.sessions_joined += 1;
    return this.#hear(session, view);
  }

  #begin(view: SegmentView, key: number, birth: Birth, current: Session | undefined): Session | DropReason {
    const { engine } = this;
    if (this.#isClosed || !engine.admission.isOpen(key)) return 'left-out';
    if (engine.guard === 'disarmed') return 'not-armed';
    if (engine.sessionCount >= engine.sessions_max) return this.#refuse('table-full');
    if (engine.memoryUsed_bytes >= engine.memory_bytes) return this.#refuse('memory-full');
    const last = current && latest(current);
    const follows = last !== undefined && last.state !== 'closed';
    if (!follows && !engine.sources.reaches(view.source, this.group.transfer.testAddress))
      return this.#refuse('other-family');
    const route = follows
      ? last.route
      : engine.sources.choose(view.source, view.sourcePort, this.group.transfer, this.copy);
    if (!route) return this.#refuse('no-port');
    if (engine.isPassed(route)) return this.#refuse('passlisted');
    const session = new Session(key, route, birth, this, this.group.testServer);
    engine.sessionCount += 1;
    engine.admission.listen(key);
    engine.counters.sessions_started += 1;
    this.#register(key, route);
    if (follows) {
      last.successor = session;
      this.#abandon(last);
      return session;
    }
    if (current) this.#forget(current);
    this.#closed.forget(key);
    this.#sessions.set(key, session);
    engine.sources.take(route, session);
    start(session);
    return session;
  }

  #register(key: number, route: Route): void {
    this.engine.outputs.register(route, { ...clientOf(key), copy: this.copy });
  }

  #refuse(reason: RefusalReason): RefusalReason {
    this.engine.counters[`copies_refused_${reason}`] += 1;
    return reason;
  }
}

/** The client's newest connection on this port. */
function latest(session: Session): Session {
  let last = session;
  while (last.successor) last = last.successor;
  return last;
}

/** Of several connections on one port, the one that the segment's position belongs to: it may have been seen late. */
function nearest(head: Session, view: SegmentView): Session {
  let best = head;
  for (let one = head.successor; one; one = one.successor) {
    if (distance_bytes(one, view) <= distance_bytes(best, view)) best = one;
  }
  return best;
}

function predecessor(head: Session, session: Session): Session {
  let before = head;
  while (before.successor && before.successor !== session) before = before.successor;
  return before;
}
