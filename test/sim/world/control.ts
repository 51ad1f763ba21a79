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

type Peer = 'tcpcopy' | 'another tcpcopy';

export class ControlChannel {
  readonly router = new Router<Peer>();
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
    this.router.register('another tcpcopy', route);
  }

  register(route: Route): void {
    this.#carry(0, () => {
      const waited = this.router.register('tcpcopy', route);
      if (waited) for (const reply of waited) this.#carry(1, () => this.events.replied(reply));
      else this.#carry(1, () => this.events.unroutable(route));
    });
  }

  unregister(route: Route): void {
    this.#carry(0, () => this.router.unregister('tcpcopy', route));
  }

  /** The guard caught a response. */
  answered(reply: Reply): void {
    if (this.router.route(reply, this.agenda.now_ms) !== 'tcpcopy') return;
    this.#carry(1, () => this.events.replied(reply));
  }

  stallFor(for_ms: number): void {
    this.#stalledUntil_ms = Math.max(this.#stalledUntil_ms, this.agenda.now_ms + for_ms);
  }

  break(): void {
    this.#connected = false;
    this.#life += 1;
    this.router.forget('tcpcopy');
  }

  connect(): void {
    this.#connected = true;
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
