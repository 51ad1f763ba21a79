/**
 * The session engine: captured segments and replies in, packets and routes out. It finds the session that each belongs
 * to, wakes sessions when their time comes, and counts everything. No sockets, no clock, no chance of its own.
 */
import { endpointKey } from '../wire/flow';
import type { Reply, Route } from '../wire/reply';
import type { SegmentView } from '../wire/segment';
import { ACK, FIN, RST, SYN } from '../wire/tcp';
import type { EngineOutputs, Transfer } from './contract';
import { newCounters, type Counters, type DropReason } from './counters';
import { Deadlines } from './deadlines';
import { PacketWriter } from './packet-writer';
import { Session } from './session';
import type { Outcome, OutgoingSegment, SessionHost } from './session-host';

/** How long a client's last words, seen late or again, are recognised after the copy has ended well. */
const LINGER_MS = 2000;

export interface EngineOptions {
  readonly transfers: readonly Transfer[];
  /** Largest packet that the path to the test servers takes. Default 1500. */
  readonly mtu_bytes?: number;
  /** A session whose client is silent for longer is given up. Default 720,000. */
  readonly idle_ms?: number;
  /** More sessions at once are refused and counted. Default 100,000. */
  readonly sessions_max?: number;
  /** False: requests go out as they were captured, without waiting for answers. Default true. */
  readonly waitForAnswers?: boolean;
}

export class Engine implements SessionHost {
  readonly counters: Counters = newCounters();
  readonly pathMtu_bytes: number;
  readonly idle_ms: number;
  readonly waitForAnswers: boolean;

  readonly #transfers: readonly Transfer[];
  readonly #sessions_max: number;
  /** For each transfer, sessions by the client's endpoint; the oldest of several on one port. */
  readonly #tables: readonly Map<number, Session>[];
  readonly #deadlines = new Deadlines<Session>();
  readonly #writer: PacketWriter;
  #sessionCount = 0;
  #armed = false;
  #passlist: ReadonlySet<number> = new Set();
  #now_ms = 0;

  constructor(
    options: EngineOptions,
    private readonly outputs: EngineOutputs,
  ) {
    this.#transfers = options.transfers;
    this.pathMtu_bytes = options.mtu_bytes ?? 1500;
    this.idle_ms = options.idle_ms ?? 720_000;
    this.#sessions_max = options.sessions_max ?? 100_000;
    this.waitForAnswers = options.waitForAnswers ?? true;
    this.#tables = options.transfers.map(() => new Map<number, Session>());
    this.#writer = new PacketWriter(this.pathMtu_bytes);
  }

  /** Connections that are being copied. */
  get sessionCount(): number {
    return this.#sessionCount;
  }

  /** A captured segment from a client to the online server; the view is borrowed for the call. */
  captured(view: SegmentView, now_ms: number): void {
    this.#now_ms = now_ms;
    this.counters.segments_captured += 1;
    const reason = this.#capture(view, now_ms);
    if (reason) this.counters[`segments_dropped_${reason}`] += 1;
    else this.counters.segments_used += 1;
  }

  /** What intercept saw of the test server's answer. */
  replied(reply: Reply, now_ms: number): void {
    this.#now_ms = now_ms;
    this.counters.replies_received += 1;
    const session = this.#sessionOf(reply);
    if (session) session.replied(reply, now_ms);
    else this.counters.replies_without_session += 1;
  }

  /** Runs the timers that are due. */
  tick(now_ms: number): void {
    this.#now_ms = now_ms;
    for (;;) {
      const session = this.#deadlines.due(now_ms);
      if (!session) return;
      if (session.state === 'closed') this.#forget(session);
      else session.wake(now_ms);
    }
  }

  /** When `tick` wants to be called at the latest, or Infinity. */
  nextDeadline_ms(): number {
    return this.#deadlines.next_ms();
  }

  /** The kernel refused the packet that `send` was just given; it counts as lost, and is sent again in time. */
  sendFailed(reason: string): void {
    const name = `send_failed_${reason}` as const;
    this.counters[name] = (this.counters[name] ?? 0) + 1;
  }

  /**
   * Whether anything may be injected. When it may no longer, all copies are dropped without a word: nothing that they
   * said could be caught. Their connections are not joined again.
   */
  setArmed(armed: boolean, now_ms: number): void {
    this.#now_ms = now_ms;
    if (this.#armed && !armed) this.#endAll((session) => session.drop('disarmed'));
    this.#armed = armed;
  }

  /**
   * Clients (addresses in host order) that are not copied, because the guard lets through what is sent to them. To be
   * set before the guard is armed.
   */
  setPasslist(addresses: ReadonlySet<number>): void {
    this.#passlist = addresses;
  }

  /** The test server's answers on this connection will not be told: its copy is dropped without a word. */
  unroutable(route: Route, now_ms: number): void {
    this.#now_ms = now_ms;
    const session = this.#sessionOf(route);
    if (session && session.state !== 'closed') session.drop('unroutable');
  }

  /** Resets every copy on the test servers. */
  shutdown(now_ms: number): void {
    this.#now_ms = now_ms;
    this.#endAll((session) => session.giveUp('shutdown', now_ms));
    this.#armed = false;
  }

  // What sessions ask for (SessionHost).

  transmit(session: Session, segment: OutgoingSegment, again: boolean): void {
    const { counters } = this;
    counters.packets_sent += 1;
    if (again) counters.packets_retransmitted += 1;
    else counters.payload_bytes_sent += segment.payloadLength;
    if (segment.flags === ACK && segment.payloadLength === 0) counters.packets_acknowledgment_only += 1;
    this.outputs.send(this.#writer.packet, this.#writer.write(session.route, segment));
  }

  countProbe(): void {
    this.counters.probes_zero_window += 1;
  }

  countChallenge(): void {
    this.counters.handshake_challenges += 1;
  }

  countUnanswered(): void {
    this.counters.answers_not_awaited += 1;
  }

  schedule(session: Session): void {
    this.#deadlines.schedule(session);
  }

  finished(session: Session, outcome: Outcome): void {
    this.#sessionCount -= 1;
    if (outcome === 'completed') this.counters.sessions_completed += 1;
    else this.counters[`sessions_given_up_${outcome}`] += 1;
    const { successor } = session;
    const head = this.#table(session).get(session.key);
    if (head && head !== session) {
      // It never started: the port still belongs to the copy of an earlier connection.
      predecessor(head, session).successor = successor;
      return;
    }
    if (successor) {
      session.successor = undefined;
      this.#deadlines.remove(session);
      this.#table(session).set(session.key, successor);
      successor.start(this.#now_ms);
      return;
    }
    this.outputs.unregister(session.route);
    // What the client still says on a connection that is over must be known as that.
    session.deadline_ms = this.#now_ms + (outcome === 'completed' ? LINGER_MS : this.idle_ms);
    this.#deadlines.schedule(session);
  }

  // Finding the session.

  #capture(view: SegmentView, now_ms: number): DropReason | undefined {
    const transfer = this.#transferOf(view);
    if (transfer < 0) return 'no-transfer';
    if (this.#passlist.has(view.source)) return 'passlisted';
    const table = this.#tables[transfer]!;
    const key = endpointKey(view.source, view.sourcePort);
    const session = table.get(key);
    if (view.flags & SYN) return this.#syn(view, transfer, key, session, now_ms);
    if (!session) return this.#armed ? 'no-session' : 'not-armed';
    const reason = (session.successor ? nearest(session, view) : session).captured(view, now_ms);
    if (reason === 'given-up' && view.flags & (FIN | RST)) this.#forget(session);
    return reason;
  }

  #syn(
    view: SegmentView,
    transfer: number,
    key: number,
    current: Session | undefined,
    now_ms: number,
  ): DropReason | undefined {
    const last = current && latest(current);
    if (last?.isBirth(view)) return last.outcome === undefined ? 'repeated' : last.afterwards();
    if (!this.#armed) return 'not-armed';
    if (this.#sessionCount >= this.#sessions_max) return 'table-full';
    const session = this.#newSession(view, transfer, key, now_ms);
    if (current && last && current.state !== 'closed') {
      last.successor = session;
      last.abandoned(now_ms);
      return undefined;
    }
    if (current) this.#forget(current);
    this.#tables[transfer]!.set(key, session);
    session.start(now_ms);
    return undefined;
  }

  #newSession(view: SegmentView, transfer: number, key: number, now_ms: number): Session {
    const { testAddress, testPort } = this.#transfers[transfer]!;
    const route = {
      clientAddress: view.source,
      clientPort: view.sourcePort,
      serverAddress: testAddress,
      serverPort: testPort,
    };
    this.#sessionCount += 1;
    this.counters.sessions_started += 1;
    this.outputs.register(route);
    return new Session(key, transfer, route, view, this, now_ms);
  }

  #transferOf(view: SegmentView): number {
    return this.#transfers.findIndex(
      ({ onlineAddress, onlinePort }) =>
        onlinePort === view.destinationPort &&
        (onlineAddress === undefined || onlineAddress === view.destination),
    );
  }

  #sessionOf(route: Route): Session | undefined {
    const key = endpointKey(route.clientAddress, route.clientPort);
    for (const [index, transfer] of this.#transfers.entries()) {
      if (transfer.testPort !== route.serverPort || transfer.testAddress !== route.serverAddress) continue;
      const session = this.#tables[index]!.get(key);
      if (session) return session;
    }
    return undefined;
  }

  #table(session: Session): Map<number, Session> {
    return this.#tables[session.transfer]!;
  }

  #forget(session: Session): void {
    this.#deadlines.remove(session);
    const table = this.#table(session);
    if (table.get(session.key) === session) table.delete(session.key);
  }

  #endAll(end: (session: Session) => void): void {
    for (const table of this.#tables) {
      for (const session of [...table.values()]) {
        for (let one: Session | undefined = session; one;) {
          const { successor }: Session = one;
          one.successor = undefined;
          if (one.state !== 'closed') end(one);
          one = successor;
        }
        this.#forget(session);
      }
    }
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
    if (one.distance_bytes(view) <= best.distance_bytes(view)) best = one;
  }
  return best;
}

function predecessor(head: Session, session: Session): Session {
  let before = head;
  while (before.successor && before.successor !== session) before = before.successor;
  return before;
}
