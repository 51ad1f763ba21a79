/** Proves the guard again and again for every endpoint that is copied to, and tells each tcpcopy how it stands with its own. */
import type { Peer } from '../control/server';
import type { Log } from '../process/log';
import { endpointKey, type Endpoint, type EndpointKey } from '../wire/flow';
import { ARMED, type Guard } from '../wire/guard';
import type { ReplySource } from './reply-source';

/** tcpcopy takes three of them without a word for a lost guard. */
const ROUND_EVERY_MS = 25;
/** What is over by the next round is not worth a line in the log. */
const ROUNDS_UNTIL_TOLD = 2;

export class GuardRounds {
  readonly #peers = new Set<Peer>();
  /** Of the endpoints that were looked at in the last round: why they are not proven. */
  #unproven = new Map<EndpointKey, string | undefined>();
  #ending: string | undefined;
  #told = 'nobody';
  #toldLess = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param others endpoints that have to be proven although no tcpcopy copies to them at present */
  constructor(
    private readonly source: ReplySource,
    private readonly others: () => readonly Endpoint[],
    private readonly log: Log,
    private readonly afterRound: (now_ms: number) => void,
  ) {}

  start(): void {
    this.#tell();
    // What was caught while this program was busy is looked at first.
    this.#timer = setInterval(() => setImmediate(() => this.#round()), ROUND_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  join(peer: Peer): void {
    this.#peers.add(peer);
    peer.tellGuard({ level: 'suspended', reason: 'intercept is about to prove its guard' });
    this.#round();
  }

  leave(peer: Peer): void {
    this.#peers.delete(peer);
  }

  /** From now on every tcpcopy is told to bring its copies to an end; the guard is still proven. */
  end(reason: string): void {
    this.#ending = reason;
    this.#round();
  }

  /** Some tcpcopy is connected, and the guard stands for all of them. */
  get armed(): boolean {
    return this.#peers.size > 0 && [...this.#peers].every((peer) => this.#guardOf(peer).level === 'armed');
  }

  isProven({ address, port }: Endpoint): boolean {
    const key = endpointKey(address, port);
    return this.#unproven.has(key) && this.#unproven.get(key) === undefined;
  }

  /** The first reason why something is not proven. */
  get reason(): string | undefined {
    return [...this.#unproven.values()].find((reason) => reason !== undefined);
  }

  #round(): void {
    const now_ms = performance.now();
    const unproven = new Map<EndpointKey, string | undefined>();
    for (const endpoint of [...[...this.#peers].flatMap(({ endpoints }) => endpoints), ...this.others()]) {
      const key = endpointKey(endpoint.address, endpoint.port);
      if (!unproven.has(key)) unproven.set(key, this.source.prove(endpoint, now_ms));
    }
    this.#unproven = unproven;
    for (const peer of this.#peers) peer.tellGuard(this.#guardOf(peer));
    this.#tell();
    this.afterRound(now_ms);
  }

  #guardOf({ endpoints }: Peer): Guard {
    if (this.#ending !== undefined) return { level: 'disarmed', reason: this.#ending };
    for (const { address, port } of endpoints) {
      const reason = this.#unproven.get(endpointKey(address, port));
      if (reason !== undefined) return { level: 'suspended', reason };
    }
    return ARMED;
  }

  #tell(): void {
    const how = this.#peers.size === 0 ? '' : (this.reason ?? 'armed');
    this.#toldLess = how === this.#told ? 0 : this.#toldLess + 1;
    if (this.#toldLess === 0 || (how !== 'armed' && how !== '' && this.#toldLess < ROUNDS_UNTIL_TOLD)) return;
    this.#told = how;
    this.#toldLess = 0;
    if (how === 'armed') this.log.info('armed');
    else if (how === '') this.log.info('waiting for tcpcopy');
    else {
      const next = 'tcpcopy sends nothing until this is mended, and goes on by itself then';
      this.log.warning('not armed', { reason: how, next });
    }
  }
}
