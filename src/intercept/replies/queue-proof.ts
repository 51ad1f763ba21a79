/** Proof that responses come into the queue on the test server: canaries to an address that nobody has, and to the ports of own copies. */
import { performance } from 'node:perf_hooks';
import { Canaries, DISCARD_PORT, responseCanary } from '../../guard/canaries';
import type { Backend } from '../../kernel/backend';
import { iptablesOf } from '../../firewall/tools';
import type { OwnCopies } from '../../passlist/passlist';
import { hasPort, portsIn, type PortRange } from '../../passlist/port-range';
import type { VerdictQueue } from '../../verdict/queue';
import {
  FAMILIES,
  familyOf,
  formatAddress,
  isIpv6,
  type Address,
  type Family,
} from '../../wire/address/address';
import { formatEndpoint, type Endpoint } from '../../wire/flow';
import type { SegmentView } from '../../wire/segment';
import type { Nobodies } from './nobodies';
import type { OwnAddresses } from './own-addresses';
import { PacketSender } from './packet-sender';
import { randomWord } from './random';
import type { Proof, ReplyEvents } from './reply-source';

/** Where the queue cannot be emptied at once. */
const PATIENCE_MS = 50;
/** Canaries that follow each other where the queue had no room for those before. */
const ATTEMPTS_MAX = 5;

/** NFQUEUEs, both ends included, and the one of these that is listened on. */
export interface QueueRange {
  readonly first: number;
  readonly last: number;
  readonly own: number;
}

/** Whom canaries are addressed to. */
interface Target {
  readonly family: Family;
  /** For what the copied endpoint sends. */
  readonly addressFor: (copied: Endpoint) => Address;
  readonly has: (address: Address) => boolean;
  /** It did not come. @returns whether another address may do better */
  readonly missed: (copied: Endpoint, tries: number) => boolean;
  readonly ports: PortRange;
  readonly canaries: Canaries;
  /** What mends it that none is caught, behind the rule. */
  readonly otherwise: string;
}

/**
 * A packet that this machine sends is in the queue when the system call returns: so a canary that is not found there then
 * was not caught. A rule may except addresses of the online server, from which copies come as well: so these have canaries
 * of their own. One that gets out there is a reset to a port without a connection, which nobody answers.
 */
export class QueueProof {
  readonly #targets: readonly Target[];
  readonly #sender: PacketSender;
  /** What the kernel had dropped for want of room. */
  #overflowed: number;

  /** @param queues that rules may lead to; of several workers each has one of them @param nobody addresses that nobody has */
  constructor(
    private readonly queue: VerdictQueue,
    private readonly queues: QueueRange,
    nobody: Nobodies,
    ownCopies: readonly OwnCopies[],
    private readonly own: Pick<OwnAddresses, 'deviceOf'>,
    private readonly events: Pick<ReplyEvents, 'proven'>,
    backend: Backend,
  ) {
    this.#sender = new PacketSender(backend);
    const patience_ms = queue.drain ? 0 : PATIENCE_MS;
    this.#targets = [
      ...FAMILIES.map((family) => ({
        family,
        addressFor: ({ address }: Endpoint) => nobody.addressFor(family, address),
        has: (address: Address) => nobody.has(address) && familyOf(address) === family,
        missed: ({ address }: Endpoint, tries: number) => nobody.missed(family, address, tries),
        ports: { first: DISCARD_PORT, last: DISCARD_PORT },
        canaries: new Canaries(patience_ms, randomWord),
        otherwise:
          'or, where the rule is for certain clients only, --canary <address among theirs that nobody has>',
      })),
      ...ownCopies.map(({ address, ports }) => ({
        family: familyOf(address),
        addressFor: () => address,
        has: (one: Address) => one === address,
        missed: () => false,
        ports,
        canaries: new Canaries(patience_ms, randomWord),
        otherwise: 'the rule may not except where copies come from, see --own-copies',
      })),
    ];
    this.#overflowed = queue.counters.kernel_dropped ?? 0;
  }

  get counters(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { canaries } of this.#targets)
      for (const [name, count] of Object.entries<number>({ ...canaries.counters }))
        sums[name] = (sums[name] ?? 0) + count;
    return sums;
  }

  caught({ source, sourcePort, destination, destinationPort, sequence }: SegmentView): boolean {
    if (!this.#isOurs(source, sourcePort, destination, destinationPort, sequence))
      // It may be another worker's, on its way to find out which queue it comes to.
      return this.queues.last > this.queues.first && this.#targets.some((target) => target.has(destination));
    const copied = { address: source, port: sourcePort };
    if (!this.queue.drain && this.#unproven(copied, performance.now()) === undefined)
      this.events.proven(copied, this.#provenAt_ms(copied));
    return true;
  }

  prove(copied: Endpoint, now_ms: number): Proof {
    const device = this.own.deviceOf(copied.address);
    if (device === undefined)
      return {
        unproven: `the copied address ${formatAddress(copied.address)} is not on this machine: run intercept on the test server itself, or see -x of tcpcopy`,
      };
    const targets = this.#targetsFor(copied);
    const isRested = !this.queue.drain && targets.some(({ canaries }) => canaries.isRested(copied, now_ms));
    for (let attempt = 1; ; attempt += 1) {
      const refusals = new Map(
        targets.map((target) => [target, this.#launch(target, copied, device, now_ms)]),
      );
      this.queue.drain?.();
      const missed = this.#unproven(copied, now_ms);
      if (!missed) return { provenAt_ms: this.#provenAt_ms(copied) };
      // There may have been no room for it, or only for what other rules lead here: that proves nothing of this one.
      const isFull = this.#hasOverflowed();
      if (isRested || (isFull && !this.queue.drain)) return 'pending';
      if (isFull && attempt < ATTEMPTS_MAX) continue; // it was just emptied
      const refusal = refusals.get(missed);
      if (refusal === undefined && !isFull && missed.missed(copied, attempt)) continue;
      if (refusal !== undefined) return { unproven: refused(copied, missed, refusal) };
      return { unproven: isFull ? this.#full(copied) : this.#missed(copied, missed) };
    }
  }

  close(): void {
    this.#sender.close();
  }

  /** @returns why the kernel refused it (an errno name), or undefined */
  #launch(
    { addressFor, ports, canaries }: Target,
    copied: Endpoint,
    device: string,
    now_ms: number,
  ): string | undefined {
    const nonce = canaries.launch(copied, now_ms);
    const address = addressFor(copied);
    const port = ports.first + (nonce % portsIn(ports));
    // IPv6 has no address that needs no route, and where that leads is the administrator's choice: to `lo` it never leaves.
    const by = isIpv6(address) ? undefined : device;
    return this.#sender.send(responseCanary(copied, { address, port }, nonce), address, by);
  }

  /** Asked for each response: mostly there is none. Ranges may have ports in common. */
  #isOurs(source: number, sourcePort: number, destination: number, port: number, sequence: number): boolean {
    for (const { has, ports, canaries } of this.#targets)
      if (has(destination) && hasPort(ports, port) && canaries.caught(source, sourcePort, sequence))
        return true;
    return false;
  }

  #targetsFor(copied: Endpoint): Target[] {
    return this.#targets.filter(({ family }) => family === familyOf(copied.address));
  }

  #unproven(copied: Endpoint, now_ms: number): Target | undefined {
    return this.#targetsFor(copied).find(({ canaries }) => !canaries.isProven(copied, now_ms));
  }

  #provenAt_ms(copied: Endpoint): number {
    return Math.min(...this.#targetsFor(copied).map(({ canaries }) => canaries.provenAt_ms(copied)));
  }

  #hasOverflowed(): boolean {
    const before = this.#overflowed;
    this.#overflowed = this.queue.counters.kernel_dropped ?? 0;
    return this.#overflowed > before;
  }

  #full({ address, port }: Endpoint): string {
    return `${this.#name} has no room, so that it cannot be told whether what ${formatEndpoint(address, port)} sends is led there: a longer one (-q), or less load`;
  }

  #missed({ address, port }: Endpoint, target: Target): string {
    const { first, last } = this.queues;
    const number =
      last > first ? ` --queue-balance ${first}:${last}` : first === 0 ? '' : ` --queue-num ${first}`;
    return `no rule leads what ${formatEndpoint(address, port)} sends to ${formatAddress(target.addressFor({ address, port }))} into ${this.#name}: ${toolFor(address)} -I OUTPUT -p tcp --sport ${port} -j NFQUEUE${number} (${target.otherwise})`;
  }

  get #name(): string {
    return `queue ${this.queues.own}`;
  }
}

const toolFor = (address: Address): string => iptablesOf(familyOf(address));

function refused(copied: Endpoint, { addressFor }: Target, errno: string): string {
  const address = addressFor(copied);
  const why = `this machine does not let ${formatEndpoint(copied.address, copied.port)} send to ${formatAddress(address)} (${errno})`;
  return errno === 'ENETUNREACH' && isIpv6(address)
    ? `${why}: it has no route there: ip -6 route add ${formatAddress(address)} dev lo`
    : `${why}: is there a rule in OUTPUT before that of the queue? see ${toolFor(address)} -S OUTPUT`;
}
