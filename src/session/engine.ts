/**
 * The session engine: captured segments and replies in, packets and routes out. It finds the lanes that each belongs to,
 * wakes sessions when their time comes, and counts everything. No sockets, no clock, no chance of its own.
 */
import type { LettingThrough } from '../passlist/passlist';
import type { Address } from '../wire/address/address';
import type { GuardLevel } from '../wire/guard';
import type { TooBig } from '../wire/ip/too-big';
import type { Lent, Reply, Route } from '../wire/reply';
import type { SegmentView } from '../wire/segment';
import { SYN } from '../wire/tcp';
import { giveUp } from './connection/moves';
import type { Session } from './connection/session';
import type { EngineOptions, EngineOutputs } from './contract';
import { Copied } from './copied';
import { EngineState } from './engine-state';
import { woken } from './events/deadline';
import { replied, repliedAll } from './events/reply';
import * as answering from './exchange/answering';
import type { Lane } from './lane';
import { isUnderWay } from './sending/sender';
import { toOffset } from './stream/offsets';
import type { Admission } from './tables/admission';
import type { Counters, DropReason } from './tables/counters';

export class Engine {
  readonly #state: EngineState;
  readonly #copied: readonly Copied[];
  /** Who was replied to in this turn. */
  readonly #heard: Session[] = [];
  /** What is sought by is no object of its own for each packet. */
  readonly #sought = { clientAddress: 0, clientPort: 0, serverAddress: 0, serverPort: 0 };

  constructor(options: EngineOptions, outputs: EngineOutputs) {
    this.#state = new EngineState(options, outputs);
    this.#copied = options.transfers.map((transfer) => new Copied(this.#state, transfer));
  }

  get counters(): Counters {
    const { counters, lateness } = this.#state;
    lateness.tell(counters);
    return counters;
  }

  /** One of them as it stands, at no cost: none of those that tell how late words were. */
  counted(name: Exclude<keyof Counters, `requests_sent_${string}`>): number {
    return this.#state.counters[name] ?? 0;
  }

  /** Connections that are being copied, each copy counted. */
  get sessionCount(): number {
    return this.#state.sessionCount;
  }

  /** What the sessions hold, in bytes. */
  get memoryUsed_bytes(): number {
    return this.#state.memoryUsed_bytes;
  }

  /** Grows whenever words of a client have to wait for the test server's answer to those before. */
  get heldBack(): number {
    return this.#state.heldBack;
  }

  /** How old the oldest words are that no copy has said yet; 0 when there are none. */
  lateness_ms(now_ms: number): number {
    const oldest_ms = this.#lanes().reduce(
      (oldest, lane) => Math.min(oldest, lane.oldestUnsaid_ms()),
      Infinity,
    );
    return Math.max(0, now_ms - oldest_ms);
  }

  /** Of that, what clients said and the test servers have not acknowledged yet. */
  get held_bytes(): number {
    return this.#state.held_bytes;
  }

  /**
   * A captured segment from a client to the online server; the view is borrowed for the call.
   *
   * @returns why it is not used, or undefined
   */
  captured(view: SegmentView, now_ms: number): DropReason | undefined {
    const { counters } = this.#state;
    this.#state.now_ms = now_ms;
    this.#watchFrom(now_ms);
    counters.segments_captured += 1;
    this.#state.admission.attend(now_ms);
    const reason = this.#capture(view);
    this.#lookAgain();
    if (reason) counters[`segments_dropped_${reason}`] += 1;
    else counters.segments_used += 1;
    if (reason === 'left-out' && view.flags & SYN) counters.connections_left_out += 1;
    return reason;
  }

  /** Which connections are copied: the kernel's filter may leave out the others. */
  get admission(): Admission {
    return this.#state.admission;
  }

  /**
   * How much is copied from now on. With fewer percent the copies that are left out end between two requests; with fewer copies
   * those that are going on go on to their end. With more of either, connections that are open are joined at their next request.
   */
  copyAsMany({ percentage, copies }: { percentage: number; copies: number }, now_ms: number): void {
    this.#state.now_ms = now_ms;
    this.#state.admission.want(percentage, now_ms);
    if (copies === this.#state.copies) return;
    for (const copied of this.#copied) copied.widen(copies, now_ms);
    this.#state.copies = copies;
  }

  /** A subflow (RFC 8684) that another worker has seen joins a connection of this token, which may be one of these. */
  isJoined(token: number, now_ms: number): void {
    this.#state.now_ms = now_ms;
    for (const copied of this.#copied) copied.isJoined(token);
  }

  /** What was captured until now may have waited to be told: until then a client's silence proves nothing. */
  late(now_ms: number): void {
    this.#state.lateAt_ms = now_ms;
  }

  /** Packets of clients were lost, and nobody knows whose. */
  lossReported(now_ms: number): void {
    this.#state.now_ms = this.#state.watchedSince_ms = now_ms;
    for (const lane of this.#lanes()) lane.lossReported();
  }

  /** No client says anything more: each copy ends once all that its client said is delivered and answered. */
  clientsGone(now_ms: number): void {
    this.#state.now_ms = now_ms;
    for (const lane of this.#lanes()) lane.clientsGone();
  }

  /** What intercept saw of the test server's answer. */
  replied(reply: Reply, now_ms: number): void {
    this.repliesCame([reply], now_ms);
  }

  /**
   * Several of them, as many as are there: all are heard before anything is said.
   *
   * @param clockAhead_ms our clock less the one that their times are of; NaN where it is not known: then they count as given now
   */
  repliesCame(replies: Lent<Reply>, now_ms: number, clockAhead_ms = NaN): void {
    this.#state.now_ms = now_ms;
    this.#state.replyClockAhead_ms = clockAhead_ms;
    const { counters } = this.#state;
    counters.replies_received += replies.length;
    const heard = this.#heard;
    for (let index = 0; index < replies.length; index += 1) {
      const reply = replies.at(index)!;
      const session = this.#state.sources.ownerOf(reply);
      if (!session) counters.replies_without_session += 1;
      else {
        replied(session, reply);
        if (heard[heard.length - 1] !== session) heard.push(session);
      }
    }
    for (let index = 0; index < heard.length; index += 1) repliedAll(heard[index]!);
    heard.length = 0;
    this.#lookAgain();
  }

  /** Runs the timers that are due; while the guard is suspended they wait. */
  tick(now_ms: number): void {
    this.#state.now_ms = now_ms;
    if (this.#state.guard === 'suspended') return;
    for (;;) {
      const session = this.#state.deadlines.due(now_ms);
      if (!session) break;
      woken(session);
    }
    for (const copied of this.#copied) copied.tick(now_ms);
  }

  /** When `tick` wants to be called at the latest, or Infinity. */
  nextDeadline_ms(): number {
    if (this.#state.guard === 'suspended') return Infinity;
    let next_ms = this.#state.deadlines.next_ms();
    for (const { testServer } of this.#copied) next_ms = Math.min(next_ms, testServer.handshakes.next_ms());
    return next_ms;
  }

  /**
   * All packets that were to be sent since this was called last have left the machine, one after the other between these times: what
   * was said counts from then on. Where it is not called they left at once.
   */
  left(from_ms: number, until_ms: number): void {
    const { spoke } = this.#state;
    const each_ms = (until_ms - from_ms) / (spoke.length + 1);
    for (let index = 0; index < spoke.length; index += 1)
      answering.left(spoke[index]!, from_ms + (index + 1) * each_ms);
    this.leftAtOnce();
  }

  /** A copy's packet was seen on its way out. @param at_ms when it left, by the engine's clock */
  seenLeaving(view: SegmentView, at_ms: number): void {
    if (view.payloadLength === 0) return;
    const sought = this.#sought;
    sought.clientAddress = view.source;
    sought.clientPort = view.sourcePort;
    sought.serverAddress = view.destination;
    sought.serverPort = view.destinationPort;
    const session = this.#state.sources.ownerOf(sought);
    if (!session) return;
    const from = toOffset(view.sequence, session.initialSequence, session.sentUntil);
    answering.leftBy(session, from + view.payloadLength, at_ms);
  }

  /** They had left one by one when they were sent. */
  leftAtOnce(): void {
    this.#state.spoke.length = 0;
  }

  /** The kernel refused the packet that `send` was just given; it counts as lost, and is sent again in time. */
  sendFailed(reason: string): void {
    const name = `send_failed_${reason}` as const;
    this.counters[name] = (this.counters[name] ?? 0) + 1;
  }

  /**
   * The path to a test server takes no larger packets than this; one that was lost for its size is cut anew.
   *
   * @param testAddress by default of all of them
   */
  limitMtu(mtu_bytes: number, testAddress?: Address): void {
    for (const { transfer, testServer } of this.#copied)
      if (testAddress === undefined || transfer.testAddress === testAddress)
        testServer.limitPackets(mtu_bytes);
  }

  /**
   * A router says what the path to a test server takes. Anybody can say so: it is believed of a segment that is under way, whose
   * number nobody else knows (RFC 5927, section 7.2).
   *
   * @returns whether it is
   */
  tooBig({ route, sequence, mtu_bytes }: TooBig): boolean {
    const session = this.#state.sources.ownerOf(route);
    if (!session || !isUnderWay(session, sequence)) return false;
    this.counters.packets_too_big += 1;
    this.limitMtu(mtu_bytes, route.serverAddress);
    return true;
  }

  /**
   * Whether anything may be injected. While the guard is suspended nothing is, but clients and replies are heard, and
   * once it is armed again the copies go on as after a short loss. A guard that is disarmed while it stands is about to
   * end in order: then every copy is reset. Behind a suspension all copies are dropped, with a reset where no answer to it
   * is possible; their connections are joined at their next request.
   */
  setGuard(guard: GuardLevel, now_ms: number): void {
    const before = this.#state.guard;
    this.#state.now_ms = now_ms;
    this.#watchFrom(now_ms);
    if (guard === before) return;
    if (guard === 'disarmed') this.#endAll((session) => giveUp(session, 'disarmed'));
    this.#state.guard = guard;
    if (guard === 'suspended') this.#state.suspendedAt_ms = now_ms;
    if (before === 'suspended' && guard === 'armed') this.#goOn(now_ms);
  }

  /** While it is suspended nothing is sent but resets that are never answered. */
  get guard(): GuardLevel {
    return this.#state.guard;
  }

  /** Of all copies that are going on: what an intercept must know that begins in the middle of them. */
  routes(): Route[] {
    return this.#lanes().flatMap((lane) => lane.routes());
  }

  /**
   * Who is not copied, because the guard lets through what is sent there. To be set before the guard is armed. Copies
   * that are there already are dropped: another intercept has taken over.
   */
  setPasslist(passlist: LettingThrough, now_ms: number): void {
    this.#state.now_ms = now_ms;
    this.#state.passlist = passlist;
    this.#endAll(
      (session) => giveUp(session, 'unroutable'),
      (route) => this.#state.isPassed(route),
    );
  }

  /** The test server's answers on this connection will not be told. */
  unroutable(route: Route, now_ms: number): void {
    this.#state.now_ms = now_ms;
    const session = this.#state.sources.ownerOf(route);
    if (session && session.state !== 'closed') session.host.unroutable(session);
  }

  /** Resets every copy on the test servers. */
  shutdown(now_ms: number): void {
    this.#state.now_ms = now_ms;
    this.#endAll((session) => giveUp(session, 'shutdown'));
    this.#state.guard = 'disarmed';
  }

  /** The segment is used when any of the copies uses it; else the first one's reason counts. */
  #capture(view: SegmentView): DropReason | undefined {
    const copied = this.#copied.find((one) => one.takes(view));
    if (!copied) return 'no-transfer';
    const standing = this.#state.admission.stateOf(view.source, view.sourcePort);
    if (standing === 'not-chosen') return 'not-selected';
    const key = copied.keyOf(view);
    if (copied.isSpread(view, key)) return 'mptcp';
    let used = false;
    let reason: DropReason | undefined;
    for (const lane of copied.lanesFor(view)) {
      const refusal = lane.captured(view, key);
      if (refusal === undefined) used = true;
      else reason ??= refusal;
    }
    return used ? undefined : standing === 'unwanted' ? 'not-selected' : reason;
  }

  #watchFrom(now_ms: number): void {
    this.#state.watchedSince_ms = Math.min(this.#state.watchedSince_ms, now_ms);
  }

  #lanes(): Lane[] {
    return this.#copied.flatMap((copied) => copied.lanes());
  }

  #lookAgain(): void {
    for (const copied of this.#copied) copied.lookAgain();
  }

  #goOn(now_ms: number): void {
    const suspended_ms = now_ms - this.#state.suspendedAt_ms;
    for (const lane of this.#lanes()) lane.goOn(suspended_ms);
    this.tick(now_ms);
  }

  #endAll(end: (session: Session) => void, chosen?: (route: Route) => boolean): void {
    for (const lane of this.#lanes()) lane.endAll(end, chosen);
  }
}
