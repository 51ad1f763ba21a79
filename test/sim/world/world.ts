/**
 * A whole copy in simulated time: clients and their online server, capture, the session engine, a network that loses,
 * repeats, delays and reorders, a test server that is a TCP, and the control channel with intercept's router.
 */
import { SILENCE_MAX_MS, SUSPENDED_MAX_MS } from '../../../src/guard/watch';
import type { DoubtfulRequests, EngineOptions, EngineOutputs } from '../../../src/session/contract';
import type { DropReason } from '../../../src/session/tables/counters';
import type { Engine } from '../../../src/session/engine';
import { endpointAddress, endpointKey, endpointPort, type EndpointKey } from '../../../src/wire/flow';
import type { GuardLevel } from '../../../src/wire/guard';
import { formatSegment } from '../../../src/wire/print';
import type { Reply, Route } from '../../../src/wire/reply';
import type { SegmentView } from '../../../src/wire/segment';
import { RST, SYN } from '../../../src/wire/tcp';
import { readSynOptions } from '../../../src/wire/tcp-options';
import { CLIENTS, INTERCEPT_BEHIND_MS, replyOf, routeTo, TRANSFERS } from './addresses';
import { Agenda } from './agenda';
import { Asked } from './rules/asked';
import { BurialRules } from './rules/burial-rules';
import { Capture } from './capture';
import { ControlChannel } from './control';
import { conversationsOf } from './plan/conversation';
import { Intercept, soundOrphans, type MakeOrphans } from './intercept';
import { COPIED_BY_ANOTHER, ELSEWHERE, listenFor, OWN_PROGRAM, PASSLISTED } from './neighbour';
import { passlistOf } from './passlist-of';
import type { EventPlan, WorldPlan } from './plan/plan';
import { PacketQueue } from './packet-queue';
import { Random } from './plan/random';
import { TestHost } from './server/test-host';
import type { ServerSegment, TestTcp } from './server/test-tcp';
import { Track } from './rules/track';
import { buriedUntil_ms, givenUpOf, judgeBurial, refusalsOf } from './verdict';
import { Turns } from './turns';
import { Timed } from './rules/timed';
import { Waits } from './rules/waits';
import { WireRules } from './rules/wire-rules';

export type MakeEngine = (options: EngineOptions, outputs: EngineOutputs) => Engine;

/** The longest simulated time that a world may take to come to rest. */
const REST_MS = 3_000_000;

export class World {
  readonly agenda = new Agenda();
  readonly random: Random;
  readonly engine: Engine;
  readonly violations: string[] = [];
  readonly tracks: Track[] = [];
  readonly host: TestHost;
  readonly control: ControlChannel;
  readonly burial: BurialRules;
  /** Whose copies ended in order, with a reset that the test server may not have heard. */
  readonly endedUnseen = new Set<EndpointKey>();
  /** tcpcopy is gone without a word. */
  killed = false;
  readonly rules = new WireRules((problem) => this.violations.push(problem));
  /** The last time at which everything was interrupted. */
  disruptedAt_ms: number;
  /** Told of every segment, for a person who looks for the reason of a failure. */
  trace: ((line: string) => void) | undefined;

  readonly waits = new Waits();
  readonly timed = new Timed((problem) => this.violations.push(problem));
  readonly asked = new Asked();
  readonly #capture: Capture;
  readonly turns = new Turns(this.agenda, { replies: (replies) => this.#replied(replies) });
  readonly queue = new PacketQueue(this);
  #wakeAt_ms = Infinity;
  /** How many reasons there are for the guard not to be proven. */
  #guardLost = 0;
  #level: GuardLevel = 'disarmed';
  /** Nothing that the test server says is caught. */
  #uncaught = 0;
  #suspensions = 0;
  /** Segments that the test server has sent. */
  #answers = 0;
  #stopped = false;
  #givenUp = 0;
  /** Whose segment, or whose endpoint's fate, the engine is being told of. */
  #concerned: readonly Track[] = [];
  #ended: Track[] = [];

  constructor(
    readonly plan: WorldPlan,
    makeEngine: MakeEngine,
    makeOrphans: MakeOrphans = soundOrphans,
  ) {
    this.random = new Random(plan.seed);
    this.disruptedAt_ms = plan.armedAt_ms;
    this.engine = makeEngine(
      { ...plan.options, transfers: TRANSFERS },
      {
        send: (packet, length) => this.#sent(packet.slice(0, length)),
        register: (route) => {
          this.endedUnseen.delete(endpointKey(route.clientAddress, route.clientPort));
          this.rules.register(route, this.#concerned);
          this.control.register(route);
        },
        unregister: (route) => this.#unregister(route),
        abandon: (route) => this.#unregister(route, 'abandon'),
        doubtful: (requests) => this.#doubted(requests),
        answered: (_, first_ms, last_ms) => this.timed.told(first_ms, last_ms),
        isHeld: ({ clientPort }) => plan.heldPorts?.includes(clientPort) ?? false,
      },
    );
    this.host = new TestHost(
      plan.server,
      this.agenda,
      this.random,
      (client, segment) => this.#answered(client, segment),
      (problem) => this.violations.push(problem),
    );
    const passlist = passlistOf(plan, CLIENTS, [PASSLISTED.clientAddress]);
    this.burial = new BurialRules(this.agenda, this.random, plan.faults.copyLost, passlist, this.host, {
      isLiving: (client, tcp) => this.#isLiving(client, tcp),
      complain: (problem) => this.violations.push(problem),
      trace: (line) => this.trace?.(`${this.agenda.now_ms.toFixed(2)} ${line}`),
    });
    const intercept = new Intercept(this.agenda, this.random, passlist, makeOrphans, {
      proven: () => this.#uncaught === 0,
      sent: (packet, isProven) => this.burial.sent(packet, isProven),
    });
    const { controlDelay_ms } = plan.faults;
    this.control = new ControlChannel(
      this.agenda,
      this.random,
      controlDelay_ms,
      intercept,
      COPIED_BY_ANOTHER,
      {
        replied: (reply) => this.turns.replied(reply),
        unroutable: (route) =>
          this.#tell(() => this.engine.unroutable(route, this.agenda.now_ms), this.rules.ownersOf(route)),
      },
    );
    this.#capture = new Capture(this.agenda, this.random, plan.faults, (view, track) =>
      this.queue.take(view, track),
    );
  }

  /** Plays to the end, when nothing moves any more. */
  run(): void {
    const { plan, agenda } = this;
    for (const port of plan.takenPorts) this.control.takenByAnother(routeTo(CLIENTS[0]!, port));
    const programs = plan.options.own ? [OWN_PROGRAM] : [];
    for (const neighbour of [COPIED_BY_ANOTHER, PASSLISTED, ELSEWHERE, ...programs])
      listenFor(neighbour, agenda, this.random, (reply) => this.control.answered(reply));
    this.burial.copiedByAnother(endpointKey(COPIED_BY_ANOTHER.clientAddress, COPIED_BY_ANOTHER.clientPort));
    const passlist = passlistOf(plan, CLIENTS);
    this.engine.setPasslist(passlist, 0);
    this.rules.passlist = passlist;
    this.rules.heldPorts = plan.heldPorts ?? [];
    this.#converse();
    if (plan.captureStarts_ms > 0) {
      this.#capture.blind += 1;
      agenda.after(plan.captureStarts_ms, () => (this.#capture.blind -= 1));
    }
    agenda.after(plan.armedAt_ms, () => this.#guard(0));
    for (const event of plan.events) agenda.after(event.at_ms, () => this.#happen(event));
    while (agenda.step(REST_MS)) this.#keepTime();
  }

  #converse(): void {
    for (const conversation of conversationsOf(this.plan, this.random)) {
      const track = new Track(conversation);
      this.tracks.push(track);
      this.#capture.follow(track);
    }
  }

  // What happens to everybody.

  #happen({ kind, for_ms, late_ms }: EventPlan): void {
    const { agenda, host, control, plan } = this;
    this.trace?.(`${agenda.now_ms.toFixed(2)} ${kind} for ${for_ms.toFixed(2)} ms`);
    switch (kind) {
      case 'guard-lost':
        this.#uncaught += 1;
        this.#guard(1);
        agenda.after(for_ms, () => {
          this.#uncaught -= 1;
          this.#guard(-1);
        });
        break;
      case 'guard-ends':
        this.#endGuard(for_ms, late_ms);
        break;
      case 'capture-blind':
      case 'capture-loses':
        this.#capture.failFor(kind === 'capture-blind' ? 'blind' : 'losing', for_ms);
        if (kind === 'capture-loses') agenda.after(for_ms, () => this.queue.lost());
        break;
      case 'turn-late':
        this.turns.comeLate(for_ms);
        break;
      case 'machine-busy':
        this.queue.busyFor(for_ms, this.random.between(0, 99));
        break;
      case 'server-dead':
      case 'server-stalls':
      case 'server-resets':
      case 'server-refuses':
        host.happen(kind, for_ms, late_ms);
        break;
      case 'server-restarts':
        this.#disruptAll();
        host.restart(for_ms);
        break;
      case 'control-stalls':
        control.stallFor(for_ms);
        if (for_ms <= SILENCE_MAX_MS) break;
        agenda.after(SILENCE_MAX_MS, () => this.#guard(1));
        agenda.after(for_ms, () => this.#guard(-1));
        break;
      case 'control-breaks':
      case 'intercept-restarts':
        control.break(kind === 'intercept-restarts');
        agenda.after(Math.min(late_ms, for_ms), () => this.#guard(1));
        agenda.after(for_ms, () => {
          this.#connect();
          this.#guard(-1);
        });
        break;
      case 'clients-gone':
        this.#capture.blind += 1;
        this.#tell(() => this.engine.clientsGone(agenda.now_ms));
        this.disruptedAt_ms = Infinity;
        break;
      case 'shutdown':
        this.#tell(() => this.engine.shutdown(agenda.now_ms));
        this.#stopped = true;
        this.rules.armed = false;
        this.disruptedAt_ms = Infinity;
        break;
      case 'tcpcopy-killed':
        this.killed = true;
        control.break(false);
        this.disruptedAt_ms = Infinity;
        for (const track of this.tracks) track.disrupted(agenda.now_ms, true);
        agenda.at(buriedUntil_ms(plan), () => judgeBurial(this));
        break;
    }
  }

  /** The kernel knows how many packets it had no room for, and not whose they were. */
  lossReported(): void {
    this.#tell(() => this.engine.lossReported(this.agenda.now_ms));
  }

  #connect(): void {
    if (!this.killed) this.control.connect(this.engine.routes());
  }

  /** intercept ends in order, and another one begins. */
  #endGuard(for_ms: number, late_ms: number): void {
    const { agenda, control, host, burial, plan } = this;
    const until_ms = agenda.now_ms + Math.max(for_ms, SILENCE_MAX_MS);
    // Until it hears of it, tcpcopy begins copies, and goes on with those that it has.
    agenda.after(late_ms, () => {
      this.#setLevel('disarmed');
      this.#guard(1);
    });
    burial.isEnding = true;
    const open = (): Route[] =>
      host.open().map((client) => routeTo(endpointAddress(client), endpointPort(client)));
    const isSeen = plan.seed % 2 === 0;
    control.end(
      () => (isSeen ? open() : undefined),
      (stage) => {
        this.trace?.(`${agenda.now_ms.toFixed(2)} intercept has ended: ${stage}`);
        if (stage === 'over' && isSeen && host.open().length > 0)
          this.violations.push('intercept ended, and a copied connection was left');
        agenda.at(Math.max(until_ms, agenda.now_ms), () => {
          burial.isEnding = false;
          if (stage !== 'killed') control.beginAgain();
          this.#connect();
          this.#guard(-1);
        });
      },
    );
  }

  /** What is sent to the test server may not arrive. */
  get mayLose(): boolean {
    const { faults, events } = this.plan;
    return faults.copyLost > 0 || events.some(({ kind }) => kind === 'server-dead');
  }

  #isLiving(client: EndpointKey, { begunWith }: TestTcp): boolean {
    if (this.killed || this.#stopped || this.#level === 'disarmed') return false;
    return this.rules.isLatest(client, begunWith);
  }

  #disruptAll(): void {
    this.disruptedAt_ms = Math.max(this.disruptedAt_ms, this.agenda.now_ms);
  }

  /** @param change of how many reasons there are for not being armed */
  #guard(change: number): void {
    const { agenda, plan } = this;
    this.#guardLost += change;
    if (this.#guardLost === 0 && agenda.now_ms >= plan.armedAt_ms) this.#setLevel('armed');
    else if (this.#level === 'armed') {
      this.#setLevel('suspended');
      const suspension = this.#suspensions;
      agenda.after(SUSPENDED_MAX_MS, () => {
        if (this.#level === 'suspended' && suspension === this.#suspensions) this.#setLevel('disarmed');
      });
    }
  }

  #setLevel(level: GuardLevel): void {
    if (this.#stopped || level === this.#level) return;
    const { rules, engine, agenda } = this;
    // A suspension that ends in time interrupts nothing.
    if (level === 'disarmed' || this.#level === 'disarmed') this.#disruptAll();
    if (level === 'suspended') this.#suspensions += 1;
    // What a guard that ends in order is told by is sent under it.
    if (level !== 'disarmed') rules.armed = level === 'armed';
    this.#level = level;
    this.trace?.(`${agenda.now_ms.toFixed(2)} the guard is ${level}`);
    this.#tell(() => engine.setGuard(level, agenda.now_ms));
    rules.armed = level === 'armed';
  }

  #unregister(route: Route, how: 'unregister' | 'abandon' = 'unregister'): void {
    const client = endpointKey(route.clientAddress, route.clientPort);
    if (how === 'abandon') this.endedUnseen.delete(client);
    else if (this.mayLose) this.endedUnseen.add(client);
    this.#ended.push(...this.rules.unregister(route));
    this.control[how](route);
  }

  // What the engine is told.

  #replied(replies: readonly Reply[]): void {
    const { now_ms } = this.agenda;
    for (const { clientAddress, clientPort } of replies)
      this.waits.replied(endpointKey(clientAddress, clientPort), now_ms);
    this.timed.replied(replies);
    this.#tell(() => this.engine.repliesCame(replies, now_ms, INTERCEPT_BEHIND_MS));
  }

  #doubted({ clientAddress, clientPort, sequence, bytes }: DoubtfulRequests): void {
    this.trace?.(`${this.agenda.now_ms.toFixed(2)} doubtful: ${clientPort}, ${bytes} bytes from ${sequence}`);
    const isDoubted = this.tracks.findLast((track) =>
      track.doubts(CLIENTS.indexOf(clientAddress), clientPort, sequence, bytes),
    );
    if (!isDoubted) this.violations.push(`${bytes} bytes of ${clientPort} are doubtful that nobody said`);
  }

  see(view: SegmentView, track: Track): void {
    const { engine, agenda } = this;
    const { counters } = engine;
    if (this.killed) return;
    this.trace?.(`${agenda.now_ms.toFixed(2)} captured ${formatSegment(view)}`);
    const from = (view.sequence - track.conversation.plan.initialSequence - 1) | 0;
    if (view.payloadLength > 0) this.waits.captured(track, from, agenda.now_ms);
    if (view.flags & SYN && this.#level !== 'disarmed') track.synSeen_ms ??= agenda.now_ms;
    const refused = refusalsOf(counters);
    let reason: DropReason | undefined;
    this.#tell(() => (reason = engine.captured(view, agenda.now_ms)), [track]);
    if (refusalsOf(counters) !== refused) track.disrupted(agenda.now_ms, true);
    if (!reason) {
      track.used = true;
      return;
    }
    this.trace?.(`${agenda.now_ms.toFixed(2)} dropped: ${reason}`);
    if (reason === 'left-out') track.isLeftOut(agenda.now_ms, view);
    else track.dropped(reason);
  }

  /** @param concerned whose copies it may begin */
  #tell(act: () => unknown, concerned: readonly Track[] = []): void {
    if (this.killed) return;
    this.#concerned = concerned;
    this.#ended = [];
    act();
    this.engine.left(this.agenda.now_ms, this.agenda.now_ms);
    const givenUp = givenUpOf(this.engine.counters);
    if (givenUp === this.#givenUp) return;
    // A copy that had not begun ends without giving up its endpoint: it can be anybody's.
    const whose = this.#ended.length >= givenUp - this.#givenUp ? this.#ended : this.tracks;
    this.#givenUp = givenUp;
    for (const track of whose) track.disrupted(this.agenda.now_ms, true);
  }

  #keepTime(): void {
    const deadline_ms = this.killed || this.turns.isLate ? Infinity : this.engine.nextDeadline_ms();
    if (deadline_ms >= this.#wakeAt_ms) return;
    this.#wakeAt_ms = deadline_ms;
    this.agenda.after(Math.max(0, deadline_ms - this.agenda.now_ms), () => {
      this.#wakeAt_ms = Infinity;
      if (this.turns.isLate) return;
      this.#tell(() => this.engine.tick(this.agenda.now_ms));
    });
  }

  // What the engine sends, and what is answered.

  #sent(packet: Uint8Array): void {
    const speaker = this.rules.check(packet);
    if (!speaker) return;
    const { random, agenda, plan } = this;
    const { faults } = plan;
    const { view } = this.rules;
    this.trace?.(`${agenda.now_ms.toFixed(2)} sent     ${formatSegment(view)}`);
    for (const track of speaker.owners) {
      const from = (view.sequence - track.conversation.plan.initialSequence - 1) | 0;
      if (view.payloadLength > 0)
        this.waits.sent(endpointKey(view.source, view.sourcePort), track, from, agenda.now_ms);
    }
    this.timed.sent(view, agenda.now_ms);
    const isLost = random.chance(faults.copyLost);
    this.asked.sent(endpointKey(view.source, view.sourcePort), view, isLost, agenda.now_ms);
    if (isLost) return;
    const { source, sourcePort, sequence, acknowledgment, flags, window } = view;
    const payload = packet.subarray(view.payloadOffset, view.payloadOffset + view.payloadLength);
    const scale = flags & SYN ? readSynOptions(packet, view.tcpOffset).windowScale : undefined;
    if (flags & SYN && scale === undefined) this.violations.push('a SYN lost its window scale');
    const speakers = speaker.owners.map(({ conversation }) => conversation);
    const lossy = this.mayLose;
    // Where packets are lost, nobody can know what the test server expects.
    const mustBeSilent = !this.rules.armed && !lossy;
    const arrive = (): void => {
      const before = this.#answers;
      this.host.arrive(
        source * 0x10000 + sourcePort,
        { sequence, acknowledgment, flags, window, payload },
        scale,
        speakers,
      );
      if (mustBeSilent && this.#answers > before)
        this.violations.push('a reset that was sent without a guard was answered');
    };
    // A reset and the SYN behind it, which begins a connection anew on the same ports, stay in order: networks keep the
    // order of a flow's packets but for rare cases, and no TCP could do anything about those.
    const inOrder = (flags & (SYN | RST)) !== 0;
    const delay_ms = !inOrder && random.chance(faults.copyReordered) ? random.next() * 5 : 0.1;
    agenda.after(delay_ms, arrive);
    if (!inOrder && random.chance(faults.copyRepeated)) agenda.after(delay_ms + random.next(), arrive);
  }

  #answered(client: EndpointKey, segment: ServerSegment): void {
    this.#answers += 1;
    const { random, plan } = this;
    const { faults, server } = plan;
    this.trace?.(
      `${this.agenda.now_ms.toFixed(2)} answered ${endpointPort(client)} ${JSON.stringify(segment)}`,
    );
    const syn = (segment.flags & SYN) !== 0;
    if (this.#uncaught > 0) return;
    if (random.chance(faults.replyLost) || (syn && random.chance(faults.synAckLost))) return;
    this.control.answered(replyOf(client, segment, syn ? server : undefined, this.agenda.now_ms));
  }
}
