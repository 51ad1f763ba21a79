/**
 * The session engine: captured segments and replies in, packets and routes out. It finds the lanes that each belongs to,
 * wakes sessions when their time comes, and counts everything. No sockets, no clock, no chance of its own.
 */
import { endpointKey } from '../wire/flow';
import type { GuardLevel } from '../wire/guard';
import type { Reply, Route } from '../wire/reply';
import type { SegmentView } from '../wire/segment';
import { SYN } from '../wire/tcp';
import type { EngineOptions, EngineOutputs, Transfer } from './contract';
import type { Counters, DropReason } from './tables/counters';
import { EngineState, HEADERS_BYTES } from './engine-state';
import { Lane } from './lane';
import { Sampler } from './tables/sampler';
import type { Session } from './connection/session';

/** A transfer, and a lane for each copy of its connections. */
interface Copied {
  readonly transfer: Transfer;
  readonly sampler: Sampler;
  readonly lanes: readonly Lane[];
}

export class Engine {
  readonly #state: EngineState;
  readonly #copied: readonly Copied[];

  constructor(options: EngineOptions, outputs: EngineOutputs) {
    const { transfers, copies = 1, percentage = 100, gradual = false } = options;
    this.#state = new EngineState(options, outputs);
    this.#copied = transfers.map((transfer) => ({
      transfer,
      sampler: new Sampler({ percentage, gradual }),
      lanes: Array.from({ length: copies }, (_, copy) => new Lane(this.#state, transfer, copy)),
    }));
  }

  get counters(): Counters {
    return this.#state.counters;
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
    const { counters } = this;
    this.#state.now_ms = now_ms;
    this.#watchFrom(now_ms);
    counters.segments_captured += 1;
    const reason = this.#capture(view, now_ms);
    if (reason) counters[`segments_dropped_${reason}`] += 1;
    else counters.segments_used += 1;
    return reason;
  }

  /** No client says anything more: each copy ends once all that its client said is delivered and answered. */
  clientsGone(now_ms: number): void {
    this.#state.now_ms = now_ms;
    for (const { lanes } of this.#copied) for (const lane of lanes) lane.clientsGone();
  }

  /** What intercept saw of the test server's answer. */
  replied(reply: Reply, now_ms: number): void {
    this.#state.now_ms = now_ms;
    this.counters.replies_received += 1;
    const session = this.#state.sources.ownerOf(reply);
    if (session) session.replied(reply);
    else this.counters.replies_without_session += 1;
  }

  /** Runs the timers that are due; while the guard is suspended they wait. */
  tick(now_ms: number): void {
    this.#state.now_ms = now_ms;
    if (this.#state.guard === 'suspended') return;
    for (;;) {
      const session = this.#state.deadlines.due(now_ms);
      if (!session) return;
      if (session.state === 'closed') session.host.forget(session);
      else session.wake();
    }
  }

  /** When `tick` wants to be called at the latest, or Infinity. */
  nextDeadline_ms(): number {
    return this.#state.guard === 'suspended' ? Infinity : this.#state.deadlines.next_ms();
  }

  /** The kernel refused the packet that `send` was just given; it counts as lost, and is sent again in time. */
  sendFailed(reason: string): void {
    const name = `send_failed_${reason}` as const;
    this.counters[name] = (this.counters[name] ?? 0) + 1;
  }

  /** The path to the test servers takes no larger packets than this; one that was lost for its size is cut anew. */
  limitMtu(mtu_bytes: number): void {
    const limit_bytes = Math.max(1, mtu_bytes - HEADERS_BYTES);
    this.#state.segmentMax_bytes = Math.min(this.#state.segmentMax_bytes, limit_bytes);
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
    if (guard === 'disarmed') this.#endAll((session) => session.giveUp('disarmed'));
    this.#state.guard = guard;
    if (guard === 'suspended') this.#state.suspendedAt_ms = now_ms;
    if (before === 'suspended' && guard === 'armed') this.#goOn(now_ms);
  }

  /** Of all copies that are going on: what an intercept must know that begins in the middle of them. */
  routes(): Route[] {
    return this.#copied.flatMap(({ lanes }) => lanes.flatMap((lane) => lane.routes()));
  }

  /**
   * Clients (addresses in host order) that are not copied, because the guard lets through what is sent to them. To be
   * set before the guard is armed. Copies that such a client has already are dropped: another intercept has taken over.
   */
  setPasslist(addresses: ReadonlySet<number>, now_ms: number): void {
    this.#state.now_ms = now_ms;
    this.#state.passlist = addresses;
    this.#endAll(
      (session) => session.giveUp('unroutable'),
      ({ clientAddress }) => addresses.has(clientAddress),
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
    this.#endAll((session) => session.giveUp('shutdown'));
    this.#state.guard = 'disarmed';
  }

  /** The segment is used when any of the copies uses it; else the first one's reason counts. */
  #capture(view: SegmentView, now_ms: number): DropReason | undefined {
    const copied = this.#copiedBy(view);
    if (!copied) return 'no-transfer';
    const key = endpointKey(view.source, view.sourcePort);
    const syn = view.flags & SYN ? view.sequence : undefined;
    if (!copied.sampler.isChosen(key, syn, now_ms)) return 'not-selected';
    let used = false;
    let reason: DropReason | undefined;
    for (const lane of copied.lanes) {
      const refusal = lane.captured(view, key);
      if (refusal === undefined) used = true;
      else reason ??= refusal;
    }
    return used ? undefined : reason;
  }

  #watchFrom(now_ms: number): void {
    this.#state.watchedSince_ms = Math.min(this.#state.watchedSince_ms, now_ms);
  }

  #copiedBy(view: SegmentView): Copied | undefined {
    return this.#copied.find(
      ({ transfer: { onlineAddress, onlinePort } }) =>
        onlinePort === view.destinationPort &&
        (onlineAddress === undefined || onlineAddress === view.destination),
    );
  }

  #goOn(now_ms: number): void {
    const suspended_ms = now_ms - this.#state.suspendedAt_ms;
    for (const { lanes } of this.#copied) for (const lane of lanes) lane.goOn(suspended_ms);
    this.tick(now_ms);
  }

  #endAll(end: (session: Session) => void, chosen?: (route: Route) => boolean): void {
    for (const { lanes } of this.#copied) for (const lane of lanes) lane.endAll(end, chosen);
  }
}
