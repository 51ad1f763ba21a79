/**
 * The control channel, with intercept's router at its other end: everything arrives in order, but late; the channel can
 * stall, and it can break.
 */
import { Router } from '../../../src/routing/router';
import type { Reply, Route } from '../../../src/wire/reply';
import type { Agenda } from './agenda';
import type { Random } from './random';

export interface ControlEvents {
  replied(reply: Reply): void;
  unroutable(route: Route): void;
}

/** tcpcopy's connections are told apart by their number. */
type Peer = number | 'another tcpcopy';

/** What a connection that was lost still held is given up behind the next one's routes. */
const FORGOTTEN_AFTER_MS = 2000;

export class ControlChannel {
  #router = new Router<Peer>();
  /** What another tcpcopy has taken. */
  readonly #taken: Route[] = [];
  #connected = true;
  /** What was under way when the channel broke does not arrive. */
  #life = 0;
  #stalledUntil_ms = 0;
  /** When each direction has delivered everything so far. */
  readonly #free_ms = [0, 0];

  constructor(
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly delay_ms: number,
    private readonly events: ControlEvents,
  ) {}

  /** Another tcpcopy copies a client of this endpoint. */
  takenByAnother(route: Route): void {
    this.#taken.push(route);
    this.#router.register('another tcpcopy', route);
  }

  /** At intercept, at present. */
  get routes(): number {
    return this.#router.counters.routes;
  }

  register(route: Route): void {
    const peer = this.#life;
    this.#carry(0, () => {
      const waited = this.#router.register(peer, route);
      if (waited) for (const reply of waited) this.#carry(1, () => this.events.replied(reply));
      else this.#carry(1, () => this.events.unroutable(route));
    });
  }

  unregister(route: Route): void {
    const peer = this.#life;
    this.#carry(0, () => this.#router.unregister(peer, route));
  }

  /** The guard caught a response. */
  answered(reply: Reply): void {
    if (this.#router.route(reply, this.agenda.now_ms) !== this.#life) return;
    this.#carry(1, () => this.events.replied(reply));
  }

  stallFor(for_ms: number): void {
    this.#stalledUntil_ms = Math.max(this.#stalledUntil_ms, this.agenda.now_ms + for_ms);
  }

  /** @param restarts intercept is gone, and the one that comes next knows nothing */
  break(restarts: boolean): void {
    this.#connected = false;
    if (restarts) this.#router = new Router();
    else this.#router.depart(this.#life);
    for (const route of this.#taken) this.#router.register('another tcpcopy', route);
    this.#life += 1;
    this.#free_ms.fill(0);
  }

  /** @param routes what tcpcopy copies at present */
  connect(routes: readonly Route[]): void {
    const before = this.#life - 1;
    this.#connected = true;
    for (const route of routes) this.register(route);
    this.agenda.after(FORGOTTEN_AFTER_MS, () => this.#router.forget(before));
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
