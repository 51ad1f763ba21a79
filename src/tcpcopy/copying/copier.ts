/** Segments and control channel -> engine -> injection, and the one timer that the engine needs. */
import { performance } from 'node:perf_hooks';
import { ControlClient } from '../../control/client';
import type { Key } from '../../control/sealed/key';
import { GuardWatch, SILENCE_MAX_MS } from '../../guard/watch';
import { openSink } from '../../inject/open';
import type { InjectSink } from '../../inject/sink';
import { openTurns } from '../../kernel/backend';
import { smallestMtu_bytes } from '../../kernel/netlink/local-addresses';
import type { Alarm, Turns } from '../../kernel/turns';
import type { Log } from '../../process/log';
import type { Readings } from '../../process/readings';
import type { Standing } from '../../process/service-manager';
import { newCounters, type DropReason } from '../../session/tables/counters';
import { Engine } from '../../session/engine';
import type { EngineOptions, Transfer } from '../../session/contract';
import type { Admission } from '../../session/tables/admission';
import { anyOf, Passlist } from '../../passlist/passlist';
import type { GuardLevel } from '../../wire/guard';
import { holdAddress } from '../../wire/address/address';
import type { Route } from '../../wire/reply';
import type { SegmentView } from '../../wire/segment';
import type { Share } from '../../wire/tables/share';
import type { Shared } from '../../workers/shared';
import { PeerClock, worstError_ms } from '../../answers/times/peer-clock';
import { TransferTimes } from '../../answers/times/transfer-times';
import type { Comparing } from './comparing';
import { openComparing } from './open-comparing';
import { BehindLog } from './behind-log';
import { GuardLog } from './guard-log';
import { Haste } from './haste';
import { InterceptLinks } from './intercept-links';
import { keysOf } from './keys';
import { endpointsOf, guardedBy, type InterceptEndpoint } from '../options/intercepts';
import { SERVER_READINGS, type TcpcopyOptions } from '../options/options';
import { OnceWarnings } from './once-warnings';
import { OwnSources } from './own-sources';
import { backendOf } from '../options/source';
import { pathLimit_bytes } from './path-limit';
import { sumOf } from './sum-of';
import { transferName } from './transfer-name';

/** Longest packet. */
const PACKET_MAX_BYTES = 65_575;
/** How often it is looked whether the guard was lost without a word, or is gone for good. */
const LOOK_EVERY_MS = 100;
/** How long replies to our last resets may still need their routes. */
const PARTING_MS = 100;

/** How it stands with what was taken so far. */
export interface CopyState {
  readonly armed: boolean;
  readonly sessions: number;
  /** What clients said and the test servers have not acknowledged yet. */
  readonly held_bytes: number;
  /** Grows with everything that brings the copies on. */
  readonly progress: number;
}

export class Copier {
  #engine: Engine;
  /** As they are now. */
  #engineOptions: EngineOptions;
  readonly #sink: InjectSink;
  readonly #links: InterceptLinks;
  /** Of the intercepts' workers, as `#links`. */
  readonly #clocks = new Map<string, PeerClock>();
  /** By intercept. */
  readonly #passlists = new Map<string, Passlist>();
  readonly #own: OwnSources | undefined;
  /** Undefined where nothing is compared. */
  readonly comparing: Comparing | undefined;
  readonly #warnings: OnceWarnings;
  /** Of the engines before this one. */
  readonly #counted: Record<string, number> = newCounters();
  /** Of the engines before this one as well. */
  readonly times: TransferTimes<Transfer>;
  #flushPlanned = false;
  /** What the engine goes by. */
  #level: GuardLevel = 'disarmed';
  readonly #guardLog: GuardLog;
  readonly #guard: GuardWatch;
  #look: NodeJS.Timeout | undefined;
  readonly #behindLog: BehindLog;
  readonly #turns: Turns;
  /** As the engine counted last. */
  #heldBack = 0;
  readonly #haste: Haste;
  /** Of the engine's. */
  readonly #alarm: Alarm;
  /** Intercepts are to look at replies so often that their times are known well. */
  readonly #timesReplies: boolean;

  constructor(
    private readonly options: TcpcopyOptions,
    private readonly log: Log,
    /** The other workers; undefined where there are none. */
    private readonly others?: Pick<Shared, 'tellOthers' | 'hearOthers'>,
  ) {
    // Of subflows (RFC 8684) one worker sees the one, and another the other.
    others?.hearOthers((token) => this.#engine.isJoined(token as number, performance.now()));
    this.#engineOptions = options.engine;
    this.#timesReplies = options.source.kind === 'live' && options.source.responses;
    const keys = keysOf(options);
    const io = backendOf(options.source);
    const { own } = options.engine;
    this.times = new TransferTimes(options.engine.transfers, transferName);
    this.#own =
      own &&
      new OwnSources(own, endpointsOf(options.engine.transfers), (told) => this.#engine.tooBig(told), log);
    this.#sink = openSink(
      io,
      {
        ...options.inject,
        way: (testAddress, way) =>
          this.#engine.limitMtu(pathLimit_bytes(testAddress, way, options) ?? Infinity, testAddress),
        left: (from_ms, until_ms) => this.#engine.left(from_ms, until_ms),
      },
      options.engine.mtu_bytes ?? PACKET_MAX_BYTES,
      (errno) => this.#refused(errno),
    );
    this.#behindLog = new BehindLog(log);
    this.#warnings = new OnceWarnings(log);
    this.#turns = openTurns(io);
    this.#alarm = this.#turns.alarm(() => {
      const now_ms = this.#now_ms();
      this.#engine.tick(now_ms);
      this.#setAlarm(now_ms);
    });
    this.#engine = this.#newEngine();
    log.info('injecting', { by: this.#sink.description });
    log.info('intercepts', {
      at: options.intercepts.map(({ host, port }) => `${host}:${port}`),
      server_option: SERVER_READINGS[options.serverReading],
      key: keys?.[0]!.id,
    });
    this.#links = new InterceptLinks(options.intercepts, (...to) => this.#connect(...to), keys);
    this.#haste = new Haste(this.#links);
    this.#turns.askWhetherAwaited((now_ms) =>
      this.#haste.isAwaited(now_ms, this.#level === 'armed', this.#engine.held_bytes),
    );
    const clockAhead_ms = (name: string): number =>
      this.#clocks.get(name)?.reading(performance.now())?.ahead_ms ?? NaN;
    this.comparing = openComparing(options, keys, { turns: this.#turns, log, clockAhead_ms });
    this.#guardLog = new GuardLog(log);
    this.#guard = new GuardWatch(this.#links.names);
    this.#tellGuard();
    this.#links.start();
  }

  get state(): CopyState {
    const { sessionCount, held_bytes, counters } = this.#engine;
    const progress = counters.requests_sent + counters.sessions_completed + counters.replies_received;
    return { armed: this.#level === 'armed', sessions: sessionCount, held_bytes, progress };
  }

  /** Ready while copies are sent; else what is missing. */
  get readiness(): Standing {
    if (this.#level === 'armed') return { ready: true, status: 'copying' };
    const reasons = this.#guard.reasons(performance.now());
    const missing = reasons.map(({ name, reason }) => `intercept at ${name}: ${reason}`);
    return { ready: false, status: missing.join('; ') || 'the guard is not proven' };
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      ...sumOf(this.#counted, this.#engine.counters),
      guard_suspensions: this.#guard.suspensions,
    };
  }

  /** @returns why the segment is not used, or undefined */
  captured(view: SegmentView): DropReason | undefined {
    const now_ms = this.#now_ms();
    const reason = this.#engine.captured(view, now_ms);
    if (this.#timesReplies) this.#haste.hurryIntercepts(now_ms);
    this.#setAlarm(now_ms);
    if (this.#engine.counted('copies_refused_no-port') > 0)
      this.#warnings.portsExhausted(this.#engine.sessionCount, this.#engineOptions);
    return reason;
  }

  /**
   * Reads the key file again.
   *
   * @returns what takes its keys over, and how much is copied: what was opened by a key that is gone ends, and is opened by the first
   * @throws KeyFileError
   */
  reload({ engine: { percentage = 100, copies = 1 } }: TcpcopyOptions): () => void {
    const keys = keysOf(this.options);
    return () => {
      this.#engineOptions = { ...this.#engineOptions, percentage, copies };
      this.#engine.copyAsMany({ percentage, copies }, performance.now());
      if (!keys) return;
      this.log.info('keys read', { first: keys[0]!.id, accepted: keys.map(({ id }) => id) });
      this.#links.useKeys(keys);
      for (const client of this.comparing?.links ?? []) client.useKeys(keys);
    };
  }

  /** Which connections are copied. */
  get admission(): Admission {
    return this.#engine.admission;
  }

  get copiesLeftOut(): number {
    return this.#engine.counted('sessions_given_up_left-out');
  }

  get connectionsLeftOut(): number {
    return this.#engine.counted('connections_left_out');
  }

  /** A copy's packet was seen on its way out. @param at_ms when it left, by `performance.now` */
  seenLeaving(view: SegmentView, at_ms: number): void {
    this.#engine.seenLeaving(view, at_ms);
  }

  /** What was captured waits to be told. */
  late(now_ms: number): void {
    this.#engine.late(now_ms);
  }

  /** Packets of clients were lost, and nobody knows whose. */
  lossReported(now_ms: number): void {
    this.#engine.lossReported(now_ms);
    this.#setAlarm(now_ms);
  }

  /** No client says anything more. */
  clientsGone(): void {
    const now_ms = this.#now_ms();
    this.#engine.clientsGone(now_ms);
    this.#setAlarm(now_ms);
  }

  /** Gives up what is still open. */
  endAll(): void {
    this.#engine.shutdown(this.#now_ms());
  }

  /** Begins with clients that were never seen before. */
  beginAnew(): void {
    this.endAll();
    Object.assign(this.#counted, this.counters);
    this.#engine = this.#newEngine();
    this.#tellPasslist();
    this.#engine.setGuard(this.#level, performance.now());
  }

  /** What the clocks of the intercepts are known to, the worst of them; undefined before all of them were heard. */
  get clockError_ms(): number | undefined {
    return worstError_ms(this.#clocks.values(), performance.now());
  }

  /** @param captured counters of the capture */
  readings(captured: Readonly<Record<string, number>>): Readings {
    const capture = Object.entries(captured);
    const clock_error_ms = this.clockError_ms;
    return {
      counters: {
        ...Object.fromEntries(capture.map(([name, count]) => [`capture_${name}`, count])),
        ...this.counters,
        ...this.comparing?.counters,
      },
      gauges: {
        armed: this.#level === 'armed' ? 1 : 0,
        sessions_open: this.#engine.sessionCount,
        session_memory_bytes: this.#engine.memoryUsed_bytes,
        lateness_ms: Math.round(this.#engine.lateness_ms(performance.now())),
        ...(clock_error_ms !== undefined && { clock_error_ms }),
      },
      histograms: this.times.histograms('test'),
      told: this.times.readings().map((reading) => ({ of: 'test server', ...reading, clock_error_ms })),
    };
  }

  async stop(): Promise<void> {
    if (this.#engine.sessionCount > 0) await this.#wakeGuard();
    this.#alarm.stop();
    clearTimeout(this.#look);
    this.#behindLog.stop();
    this.endAll();
    this.#flush();
    await new Promise((resolve) => setTimeout(resolve, PARTING_MS));
    this.#links.stop();
    this.comparing?.stop();
    this.#sink.close();
    this.#own?.close();
  }

  #newEngine(): Engine {
    return new Engine(this.#engineOptions, {
      send: (packet, length, destination) => {
        this.#sink.send(packet, length, destination);
        this.comparing?.copy(packet, length);
        this.#planFlush();
      },
      register: (route, copied) => {
        this.#tell(route, 'register');
        this.#haste.begins(performance.now());
        if (this.comparing?.begins(route, copied)) this.#tell(route, 'compare');
      },
      unregister: (route) => this.#tell(route, 'unregister'),
      abandon: (route) => this.#tell(route, 'abandon'),
      doubtful: (requests) => this.#behindLog.doubtful(requests),
      answered: (transfer, first_ms, last_ms) => this.times.note(transfer, first_ms, last_ms),
      joinsUnknown: (token) => this.others?.tellOthers(token),
      isHeld: (route) => this.#own?.isHeld(route) ?? false,
    });
  }

  #meetWorkers(named: InterceptEndpoint, part: Share): void {
    const met = this.#links.meet(named, part);
    if (!met) return;
    for (const client of met.gone) {
      client.stop();
      this.#clocks.delete(client.name);
      this.#passlists.delete(client.name);
    }
    this.#guard.watch(this.#links.names);
    for (const client of met.added) client.start();
  }

  /** @param named in `-s`, or by default @param intercept that one, or another of its workers */
  #connect(
    named: InterceptEndpoint,
    intercept: InterceptEndpoint,
    keys: readonly Key[] | undefined,
  ): ControlClient {
    const { intercepts, engine } = this.options;
    const guarded = guardedBy(named, intercepts, engine.transfers);
    const clock = new PeerClock();
    const client = new ControlClient(
      intercept.host,
      intercept.port,
      guarded,
      {
        connected: (passlist, part) => {
          clock.reset();
          if (intercept === named) this.#meetWorkers(named, part);
          passlist.addresses.forEach(holdAddress);
          this.#passlists.set(client.name, new Passlist(passlist.addresses, passlist.ownCopies));
          this.#own?.tellPasslist(client.name, passlist);
          this.#tellPasslist();
          // It may be another intercept than before, which takes over what is being copied.
          for (const route of this.#engine.routes()) {
            if (!client.guards(route)) continue;
            client.register(route);
            if (this.comparing?.isCompared(route)) client.compare(route);
          }
          client.flush();
        },
        guard: (guard, stood) => {
          const now_ms = performance.now();
          this.#guard.said(client.name, guard, stood, now_ms);
          clock.heard(stood.asked, stood.heard_ms, stood.said_ms, now_ms);
          this.#attendGuard(now_ms);
          // What nobody asked for is of no age that could be known; and to be armed all have to say it together.
          if (guard.level !== 'suspended' && guard.level !== this.#level) this.#askForProof(now_ms);
        },
        lost: (reason) => {
          this.#guard.lost(client.name, reason);
          this.#attendGuard(performance.now());
        },
        replies: (replies) => {
          const now_ms = this.#now_ms();
          this.#engine.repliesCame(replies, now_ms, clock.reading(now_ms)?.ahead_ms);
          this.#engine.tick(now_ms);
          this.#setAlarm(now_ms);
        },
        unroutable: (routes) => {
          this.#warnings.unroutable(client.name);
          const now_ms = this.#now_ms();
          for (const route of routes) this.#engine.unroutable(route, now_ms);
        },
      },
      this.#turns,
      keys,
    );
    this.#clocks.set(client.name, clock);
    return client;
  }

  #tellPasslist(): void {
    this.#engine.setPasslist(anyOf([...this.#passlists.values()]), performance.now());
  }

  /** The time of an event that may send something: first it is seen to that the guard is proven. */
  #now_ms(): number {
    const now_ms = performance.now();
    this.#askForProof(now_ms);
    return now_ms;
  }

  #askForProof(now_ms: number): void {
    const question = this.#guard.question(now_ms);
    if (question !== undefined)
      for (const client of this.#links.all) {
        this.#clocks.get(client.name)!.asked(question, now_ms);
        client.prove(question);
        this.#haste.asks(now_ms);
      }
    this.#attendGuard(now_ms);
    this.#planLook();
  }

  #attendGuard(now_ms: number): void {
    const level = this.#guard.level(now_ms);
    if (level !== this.#level) {
      this.#level = level;
      this.#engine.setGuard(level, now_ms);
      this.#setAlarm(now_ms);
    }
    // A suspension that ends before the next look is over before anybody could read of it.
    if (level === 'suspended') this.#planLook();
    else this.#tellGuard();
  }

  /** Behind a rest the guard has to be proven before anybody can be reset. */
  async #wakeGuard(): Promise<void> {
    const until_ms = this.#now_ms() + SILENCE_MAX_MS;
    while (this.#level === 'suspended' && performance.now() < until_ms)
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  #planLook(): void {
    // What came while this program was busy is read first: it may say that the guard is armed.
    this.#look ??= setTimeout(() => setImmediate(() => this.#lookAtGuard()), LOOK_EVERY_MS);
  }

  #lookAtGuard(): void {
    const now_ms = performance.now();
    this.#look = undefined;
    if (this.#guard.isAtRest(now_ms)) return;
    this.#attendGuard(now_ms);
    this.#tellGuard();
    if (this.#level !== 'disarmed') this.#planLook();
  }

  #tellGuard(): void {
    this.#guardLog.tell(this.#level, () => this.#guard.reasons(performance.now()));
  }

  #refused(errno: string): void {
    this.#engine.sendFailed(errno);
    if (errno === 'EMSGSIZE') this.#engine.limitMtu(smallestMtu_bytes() ?? Infinity);
    this.#warnings.refused(errno);
  }

  #tell(route: Route, what: 'register' | 'unregister' | 'abandon' | 'compare'): void {
    this.#links.tell(route, what);
    if (what === 'unregister' || what === 'abandon') this.comparing?.ends(route);
    this.#planFlush();
  }

  /** What one turn of the event loop brought leaves together at its end. */
  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    this.#turns.atEnd(() => this.#flush());
  }

  /** Routes leave before the packets that they are for. */
  #flush(): void {
    this.#flushPlanned = false;
    this.#links.flush();
    this.#sink.flush();
    // What did not wait had left when it was sent.
    this.#engine.leftAtOnce();
  }

  #setAlarm(now_ms: number): void {
    this.#alarm.set(this.#engine.nextDeadline_ms());
    if (this.#engine.heldBack === this.#heldBack) return;
    // Clients are ahead of their copies, which wait for replies.
    this.#heldBack = this.#engine.heldBack;
    if (this.#haste.hurryIntercepts(now_ms)) this.#turns.hurry();
    this.#behindLog.watch(() => this.#engine.lateness_ms(performance.now()));
  }
}
