/**
 * intercept in simulated time: who copies what, rounds of the guard for as long as somebody is buried, and the end in
 * order. The orphans and the ending are the real ones; one intercept follows another.
 */
import { Ending, type Stage } from '../../../src/intercept/ending';
import { Orphans, type Copying, type OrphansHost } from '../../../src/intercept/orphans';
import type { LettingThrough } from '../../../src/passlist/passlist';
import type { Reply, Route } from '../../../src/wire/reply';
import { TEST, TEST_PORT } from './addresses';
import type { Agenda } from './agenda';
import type { Random } from './plan/random';

/** A tcpcopy's connection: each has its number. */
export interface Peer extends Copying {
  readonly name: number | 'another tcpcopy';
}

export type MakeOrphans = (host: OrphansHost<Peer>, passlist: LettingThrough) => Orphans<Peer>;

export const soundOrphans: MakeOrphans = (host, passlist) => new Orphans(host, passlist);

export const peerOf = (name: Peer['name']): Peer => ({
  name,
  endpoints: [{ address: TEST, port: TEST_PORT }],
});

/** As in intercept. */
const ROUND_EVERY_MS = 30;
const LOOK_EVERY_MS = 25;

/** How its end in order came out. */
export type LastStage = Exclude<Stage, 'parting' | 'burying'> | 'killed';

export interface InterceptEvents {
  /** Whether the guard catches at this moment. */
  proven(): boolean;
  /** @param isProven it was found to catch at this moment */
  sent(packet: Uint8Array, isProven: boolean): void;
}

export class Intercept {
  #orphans: Orphans<Peer>;
  /** What belonged to another intercept before does not happen any more. */
  #life = 0;
  #leftBefore = 0;
  #inRound = false;
  #roundPlanned = false;

  constructor(
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly passlist: LettingThrough,
    private readonly make: MakeOrphans,
    private readonly events: InterceptEvents,
  ) {
    this.#orphans = this.#begin();
  }

  get routes(): number {
    return this.#orphans.routes;
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#orphans.counters;
  }

  /** Connections that it, or one before it, could not tell of their end. */
  get leftBehind(): number {
    return this.#leftBefore + this.#orphans.size + this.#orphans.unanswered;
  }

  /** It is gone at once; the next one knows nothing. */
  restart(): void {
    this.#leftBefore = this.leftBehind;
    this.#life += 1;
    this.#roundPlanned = false;
    this.#orphans = this.#begin();
  }

  joined(peer: Peer): void {
    this.#orphans.joined(peer);
  }

  register(peer: Peer, route: Route): readonly Reply[] | undefined {
    return this.#orphans.register(peer, route);
  }

  unregister(peer: Peer, route: Route): void {
    this.#orphans.unregister(peer, route);
  }

  abandoned(peer: Peer, route: Route): void {
    this.#orphans.abandoned(peer, [route], this.agenda.now_ms);
    this.#planRound();
  }

  departed(peer: Peer): void {
    this.#orphans.departed(peer, this.agenda.now_ms);
    this.#planRound();
  }

  /** @returns who hears it */
  replied(reply: Reply): Peer | undefined {
    const peer = this.#orphans.replied(reply, this.agenda.now_ms);
    this.#planRound();
    return peer;
  }

  /**
   * It ends in order.
   *
   * @param connections all copied ones that are left on the test server; undefined where they cannot be seen
   * @param over told how it came to its end
   */
  end(
    peers: () => readonly Peer[],
    connections: () => readonly Route[] | undefined,
    over: (stage: LastStage) => void,
  ): void {
    const ending = new Ending(this.#orphans, this.agenda.now_ms);
    const life = this.#life;
    const look = (): void => {
      const isAlive = life === this.#life;
      const stage = isAlive ? ending.look(peers(), connections, this.agenda.now_ms) : 'killed';
      if (isAlive) this.#planRound();
      if (stage === 'parting' || stage === 'burying') this.agenda.after(LOOK_EVERY_MS, look);
      else over(stage);
    };
    look();
  }

  #begin(): Orphans<Peer> {
    const life = this.#life;
    return this.make(
      {
        send: (packet) => {
          if (life === this.#life) this.events.sent(packet, this.#inRound);
        },
        random: () => this.random.between(0, 0xffffffff),
        gone: () => undefined,
      },
      this.passlist,
    );
  }

  #planRound(): void {
    if (this.#roundPlanned || this.#orphans.endpoints().length === 0) return;
    this.#roundPlanned = true;
    const life = this.#life;
    this.agenda.after(ROUND_EVERY_MS, () => {
      if (life !== this.#life) return;
      this.#roundPlanned = false;
      const isProven = this.events.proven();
      this.#inRound = isProven;
      this.#orphans.tick(this.agenda.now_ms, () => isProven);
      this.#inRound = false;
      this.#planRound();
    });
  }
}
