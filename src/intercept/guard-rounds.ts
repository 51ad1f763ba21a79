/**
 * Proves the guard in rounds, for every endpoint that is copied to, and tells each tcpcopy how it stands with its own: in
 * quick succession while something is sent, or buried, and else once a second.
 */
import { performance } from 'node:perf_hooks';
import type { Peer } from '../control/server';
import type { Log } from '../process/log';
import type { Standing } from '../process/service-manager';
import { endpointKey, type Endpoint, type EndpointKey } from '../wire/flow';
import { ARMED, type Guard, type Stood } from '../wire/guard';
import type { Proof, ReplySource } from './replies/reply-source';

/** tcpcopy takes three of them without a word for a lost guard. */
const ROUND_EVERY_MS = 30;
const REST_EVERY_MS = 1000;
/** How long rounds go on when they were asked for. */
const ASKED_FOR_MS = 1000;
/** What was proven in this time is proven now. */
const JUST_NOW_MS = 5;
/** What is over by then is not worth a line in the log. */
const TOLD_AFTER_MS = 100;

/** What a tcpcopy asked last, and when that was heard. */
type Question = Pick<Stood, 'asked' | 'heard_ms'>;

export class GuardRounds {
  readonly #peers = new Map<Peer, Question>();
  /** Those who were told last that the guard stands. */
  readonly #armed = new Set<Peer>();
  /** Of the last round. */
  #proofs = new Map<EndpointKey, Proof>();
  #ending: string | undefined;
  #asked_ms = -Infinity;
  #roundAt_ms = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #told: string | undefined;
  /** What is to be told, and since when. */
  #state = '';
  #stateSince_ms = 0;

  /**
   * @param others endpoints that have to be proven although no tcpcopy copies to them at present
   * @param afterRound told of which endpoints it was proven just now; what it does there is done under the guard
   */
  constructor(
    private readonly source: ReplySource,
    private readonly others: () => readonly Endpoint[],
    private readonly afterRound: (now_ms: number, isProven: (endpoint: Endpoint) => boolean) => void,
    private readonly log: Log,
  ) {}

  start(): void {
    this.#round();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  join(peer: Peer): void {
    this.#peers.set(peer, { asked: 0, heard_ms: performance.now() });
    this.#round();
  }

  leave(peer: Peer): void {
    this.#peers.delete(peer);
    this.#armed.delete(peer);
  }

  /** Somebody is about to send something. @param asked the question's number, which is answered from now on */
  ask(peer: Peer, asked: number): void {
    const heard_ms = performance.now();
    const last = this.#peers.get(peer);
    if (!last) return;
    this.#peers.set(peer, { asked, heard_ms });
    // Who asks again and again is answered as often as rounds are: it costs the others nothing.
    if (last.asked === 0 || heard_ms - last.heard_ms > JUST_NOW_MS) this.#proveNow();
  }

  /** What was pending in the last round. */
  proven({ address, port }: Endpoint, provenAt_ms: number): void {
    const key = endpointKey(address, port);
    if (this.#proofs.get(key) !== 'pending') return;
    this.#proofs.set(key, { provenAt_ms });
    this.#tellPeers();
    // What the round proved of others is no proof of this moment.
    this.afterRound(performance.now(), (one) => endpointKey(one.address, one.port) === key);
  }

  /** From now on every tcpcopy is told to bring its copies to an end; the guard is still proven. */
  end(reason: string): void {
    this.#ending = reason;
    this.#proveNow();
  }

  /** Some tcpcopy is connected, and the guard stands for all of them. */
  get armed(): boolean {
    return (
      this.#peers.size > 0 &&
      [...this.#peers.keys()].every((peer) => this.#guardOf(peer)?.guard.level === 'armed')
    );
  }

  /**
   * Ready while all that is known to be copied to is proven, also while the next proof of it is under way; before a tcpcopy greets
   * nothing is known.
   */
  get readiness(): Standing {
    const why = this.#ending ?? this.reason;
    if (why !== undefined) return { ready: false, status: why };
    return this.#armed.size < this.#peers.size
      ? { ready: false, status: 'the first proof is under way' }
      : { ready: true, status: this.state };
  }

  /** In a few words. */
  get state(): string {
    return this.#peers.size === 0 ? 'waiting for tcpcopy' : (this.reason ?? 'armed');
  }

  /** The first reason why something is not proven. */
  get reason(): string | undefined {
    for (const proof of this.#proofs.values())
      if (typeof proof === 'object' && 'unproven' in proof) return proof.unproven;
    return undefined;
  }

  #isProven({ address, port }: Endpoint): boolean {
    return provenAt_ms(this.#proofs.get(endpointKey(address, port))) !== undefined;
  }

  #proveNow(): void {
    this.#asked_ms = performance.now();
    if (this.#asked_ms - this.#roundAt_ms > JUST_NOW_MS) this.#round();
    else {
      this.#tellPeers();
      // The round before may have been one of rest, a second from the next.
      this.#planRound(ROUND_EVERY_MS);
    }
  }

  #round(): void {
    const now_ms = performance.now();
    this.#roundAt_ms = now_ms;
    const proofs = new Map<EndpointKey, Proof>();
    for (const { endpoints } of this.#peers.keys()) this.#proveAll(endpoints, proofs, now_ms);
    this.#proveAll(this.others(), proofs, now_ms);
    this.#proofs = proofs;
    this.#tellPeers();
    this.#tellLog(now_ms);
    this.afterRound(performance.now(), (endpoint) => this.#isProven(endpoint));
    this.#planRound(this.#pause_ms(now_ms));
  }

  #planRound(pause_ms: number): void {
    clearTimeout(this.#timer);
    // What was caught while this program was busy is looked at before the next round judges.
    this.#timer = setTimeout(() => setImmediate(() => this.#round()), pause_ms);
  }

  #proveAll(endpoints: readonly Endpoint[], proofs: Map<EndpointKey, Proof>, now_ms: number): void {
    for (const endpoint of endpoints) {
      const key = endpointKey(endpoint.address, endpoint.port);
      if (!proofs.has(key)) proofs.set(key, this.source.prove(endpoint, now_ms));
    }
  }

  #pause_ms(now_ms: number): number {
    const isBusy = now_ms - this.#asked_ms < ASKED_FOR_MS || this.others().length > 0;
    const isOpen = this.#state !== this.#told || [...this.#proofs.values()].includes('pending');
    return isBusy || isOpen ? ROUND_EVERY_MS : REST_EVERY_MS;
  }

  #tellPeers(): void {
    for (const [peer, question] of this.#peers) {
      const said = this.#guardOf(peer);
      if (said?.guard.level === 'armed') this.#armed.add(peer);
      else if (said) this.#armed.delete(peer);
      if (said) peer.tellGuard(said.guard, { clock_ms: said.at_ms, ...question });
    }
  }

  /** @returns how it stood when that was proven; undefined while it is pending */
  #guardOf({ endpoints }: Peer): { readonly guard: Guard; readonly at_ms: number } | undefined {
    const now_ms = performance.now();
    if (this.#ending !== undefined)
      return { guard: { level: 'disarmed', reason: this.#ending }, at_ms: now_ms };
    const proofs = endpoints.map(({ address, port }) => this.#proofs.get(endpointKey(address, port)));
    for (const proof of proofs)
      if (typeof proof === 'object' && 'unproven' in proof)
        return { guard: { level: 'suspended', reason: proof.unproven }, at_ms: now_ms };
    const provenAt = proofs.map(provenAt_ms).filter((at_ms) => at_ms !== undefined);
    return provenAt.length < proofs.length
      ? undefined
      : { guard: ARMED, at_ms: Math.min(now_ms, ...provenAt) };
  }

  #tellLog(now_ms: number): void {
    const { state } = this;
    if (state !== this.#state) this.#stateSince_ms = now_ms;
    this.#state = state;
    const isFault = this.#peers.size > 0 && this.reason !== undefined;
    if (state === this.#told || (isFault && now_ms - this.#stateSince_ms < TOLD_AFTER_MS)) return;
    this.#told = state;
    if (isFault) {
      const next = 'tcpcopy sends nothing until this is mended, and goes on by itself then';
      this.log.warning('not armed', { reason: state, next });
    } else this.log.info(state);
  }
}

const provenAt_ms = (proof: Proof | undefined): number | undefined =>
  typeof proof === 'object' && 'provenAt_ms' in proof ? proof.provenAt_ms : undefined;
