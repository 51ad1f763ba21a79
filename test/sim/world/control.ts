/**
 * The control channel, with intercept at its other end: everything arrives in order, but late; the channel can stall, and
 * it can break.
 */
import { SUSPENDED_MAX_MS } from '../../../src/guard/watch';
import type { Reply, Route } from '../../../src/wire/reply';
import type { Agenda } from './agenda';
import { peerOf, type Intercept, type LastStage, type Peer } from './intercept';
import type { Random } from './plan/random';

export interface ControlEvents {
  replied(reply: Reply): void;
  unroutable(route: Route): void;
}

const ANOTHER = peerOf('another tcpcopy');
/** The other tcpcopy keeps its copies without intercept for nearly as long as it may. */
const ANOTHER_AWAY_MS = SUSPENDED_MAX_MS - 50;

export class ControlChannel {
  /** What another tcpcopy has taken. */
  readonly #taken: Route[] = [];
  #connected = true;
  /** There is no intercept; the kernel drops what comes to its queue. */
  #away = false;
  /** tcpcopy's connections are told apart by their number; what was under way when one broke does not arrive. */
  #life = 0;
  #peer = peerOf(this.#life);
  #stalledUntil_ms = 0;
  /** When each direction has delivered everything so far. */
  readonly #free_ms = [0, 0];

  constructor(
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly delay_ms: number,
    private readonly intercept: Intercept,
    /** Copied by another tcpcopy, and by nobody else. */
    private readonly neighbour: Route,
    private readonly events: ControlEvents,
  ) {
    intercept.joined(this.#peer);
    intercept.joined(ANOTHER);
    intercept.register(ANOTHER, neighbour);
  }

  /** At intercept, at present; of them `others` are another tcpcopy's. */
  get routes(): number {
    return this.intercept.routes;
  }

  /** Counters of the intercept that was there last. */
  get buried(): Readonly<Record<string, number>> {
    return this.intercept.counters;
  }

  get leftBehind(): number {
    return this.intercept.leftBehind;
  }

  get others(): number {
    return this.#taken.length + 1;
  }

  /** Another tcpcopy copies a client of this endpoint. */
  takenByAnother(route: Route): void {
    this.#taken.push(route);
    this.intercept.register(ANOTHER, route);
  }

  register(route: Route): void {
    const peer = this.#peer;
    this.#carry(0, () => {
      const waited = this.intercept.register(peer, route);
      if (waited) for (const reply of waited) this.#carry(1, () => this.events.replied(reply));
      else this.#carry(1, () => this.events.unroutable(route));
    });
  }

  unregister(route: Route): void {
    const peer = this.#peer;
    this.#carry(0, () => this.intercept.unregister(peer, route));
  }

  abandon(route: Route): void {
    const peer = this.#peer;
    this.#carry(0, () => this.intercept.abandoned(peer, route));
  }

  /** The guard caught a response. */
  answered(reply: Reply): void {
    if (this.#away || this.intercept.replied(reply)?.name !== this.#life) return;
    this.#carry(1, () => this.events.replied(reply));
  }

  stallFor(for_ms: number): void {
    this.#stalledUntil_ms = Math.max(this.#stalledUntil_ms, this.agenda.now_ms + for_ms);
  }

  /** @param restarts intercept is gone, and the one that comes next knows nothing */
  break(restarts: boolean): void {
    if (restarts) this.#restart(this.random.next() * ANOTHER_AWAY_MS);
    else if (this.#connected) this.intercept.departed(this.#peer);
    this.#connected = false;
    this.#life += 1;
    this.#free_ms.fill(0);
  }

  /** @param routes what tcpcopy copies at present */
  connect(routes: readonly Route[]): void {
    if (this.#connected) return;
    this.#connected = true;
    this.#peer = peerOf(this.#life);
    this.intercept.joined(this.#peer);
    for (const route of routes) this.register(route);
  }

  /** intercept ends in order. @param over told whether it says that no copied connection is left */
  end(connections: () => readonly Route[] | undefined, over: (stage: LastStage) => void): void {
    const peers = (): Peer[] => (this.#connected ? [this.#peer, ANOTHER] : [ANOTHER]);
    this.intercept.end(peers, connections, (stage) => {
      this.#away ||= stage !== 'killed';
      over(stage);
    });
  }

  /** Another one begins behind one that has ended in order. */
  beginAgain(): void {
    this.#restart(0);
    this.#connected = false;
    this.#life += 1;
    this.#free_ms.fill(0);
  }

  #restart(another_ms: number): void {
    const { intercept, agenda } = this;
    intercept.restart();
    this.#away = false;
    // It has several connections: that the endpoint is copied to is known before all of its routes are.
    intercept.joined(ANOTHER);
    for (const route of this.#taken) intercept.register(ANOTHER, route);
    agenda.after(another_ms, () => intercept.register(ANOTHER, this.neighbour));
  }

  #carry(direction: 0 | 1, deliver: () => void): void {
    if (!this.#connected) return;
    const life = this.#life;
    const { now_ms } = this.agenda;
    const at_ms = Math.max(
      this.#free_ms[direction]!,
      this.#stalledUntil_ms,
      now_ms + this.delay_ms * this.random.next(),
    );
    this.#free_ms[direction] = at_ms;
    this.agenda.at(at_ms, () => {
      if (life === this.#life) deliver();
    });
  }
}
