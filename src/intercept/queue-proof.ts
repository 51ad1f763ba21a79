/** Proof that responses come into the queue on the test server: canaries to an address that nobody has, and to the ports of own copies. */
import { Canaries, DISCARD_PORT, responseCanary, type Nobody } from '../guard/canaries';
import type { Backend } from '../kernel/backend';
import { iptablesOf } from '../doctor/families';
import type { OwnCopies } from '../passlist/passlist';
import { hasPort, portsIn, type PortRange } from '../passlist/port-range';
import type { VerdictQueue } from '../verdict/queue';
import { familyOf, formatAddress, isIpv6, type Address } from '../wire/address/address';
import { formatEndpoint, type Endpoint } from '../wire/flow';
import type { SegmentView } from '../wire/segment';
import { OwnAddresses } from './own-addresses';
import { PacketSender } from './packet-sender';
import { randomWord } from './random';
import type { Proof, ReplyEvents } from './reply-source';

/** Where the queue cannot be emptied at once. */
const PATIENCE_MS = 50;

/** Whom canaries are addressed to. */
interface Target {
  readonly address: number;
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
  readonly #own = new OwnAddresses();
  /** What the kernel had dropped for want of room: it was caught all the same. */
  #overflowed: number;

  /** @param number of the queue @param nobody addresses that nobody has */
  constructor(
    private readonly queue: VerdictQueue,
    private readonly number: number,
    nobody: Required<Nobody>,
    ownCopies: readonly OwnCopies[],
    private readonly events: Pick<ReplyEvents, 'proven'>,
    backend: Backend,
  ) {
    this.#sender = new PacketSender(backend);
    const patience_ms = queue.drain ? 0 : PATIENCE_MS;
    const target = (address: number, ports: PortRange, otherwise: string): Target => ({
      address,
      ports,
      canaries: new Canaries(patience_ms, randomWord),
      otherwise,
    });
    this.#targets = [
      ...Object.values(nobody).map((address) =>
        target(
          address,
          { first: DISCARD_PORT, last: DISCARD_PORT },
          'or, where the rule is for certain clients only, --canary <address among theirs that nobody has>',
        ),
      ),
      ...ownCopies.map(({ address, ports }) =>
        target(address, ports, 'the rule may not except where copies come from, see --own-copies'),
      ),
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
    const target = this.#targetAt(destination, destinationPort);
    if (!target?.canaries.caught(source, sourcePort, sequence)) return false;
    const copied = { address: source, port: sourcePort };
    if (!this.queue.drain && this.#unproven(copied, performance.now()) === undefined)
      this.events.proven(copied, this.#provenAt_ms(copied));
    return true;
  }

  prove(copied: Endpoint, now_ms: number): Proof {
    const device = this.#own.deviceOf(copied.address, now_ms);
    if (device === undefined)
      return {
        unproven: `the copied address ${formatAddress(copied.address)} is not on this machine: run intercept on the test server itself, or see -x of tcpcopy`,
      };
    const targets = this.#targetsFor(copied);
    const isRested = !this.queue.drain && targets.some(({ canaries }) => canaries.isRested(copied, now_ms));
    const refusals = new Map(targets.map((target) => [target, this.#launch(target, copied, device, now_ms)]));
    this.queue.drain?.();
    const missed = this.#unproven(copied, now_ms);
    if (!missed) return { provenAt_ms: this.#provenAt_ms(copied) };
    if (this.#hasOverflowed()) return { provenAt_ms: now_ms };
    if (isRested) return 'pending';
    const refusal = refusals.get(missed);
    return {
      unproven: refusal === undefined ? this.#missed(copied, missed) : refused(copied, missed, refusal),
    };
  }

  close(): void {
    this.#sender.close();
  }

  /** @returns why the kernel refused it (an errno name), or undefined */
  #launch(
    { address, ports, canaries }: Target,
    copied: Endpoint,
    device: string,
    now_ms: number,
  ): string | undefined {
    const nonce = canaries.launch(copied, now_ms);
    const port = ports.first + (nonce % portsIn(ports));
    // IPv6 has no address that needs no route, and where that leads is the administrator's choice: to `lo` it never leaves.
    const by = isIpv6(address) ? undefined : device;
    return this.#sender.send(responseCanary(copied, { address, port }, nonce), address, by);
  }

  /** Asked for each response: mostly there is none. */
  #targetAt(destination: Address, port: number): Target | undefined {
    for (const target of this.#targets)
      if (target.address === destination && hasPort(target.ports, port)) return target;
    return undefined;
  }

  #targetsFor(copied: Endpoint): Target[] {
    return this.#targets.filter(({ address }) => familyOf(address) === familyOf(copied.address));
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

  #missed({ address, port }: Endpoint, target: Target): string {
    const number = this.number === 0 ? '' : ` --queue-num ${this.number}`;
    return `no rule leads what ${formatEndpoint(address, port)} sends to ${formatAddress(target.address)} into queue ${this.number}: ${toolFor(address)} -I OUTPUT -p tcp --sport ${port} -j NFQUEUE${number} (${target.otherwise})`;
  }
}

const toolFor = (address: Address): string => iptablesOf(familyOf(address));

function refused(copied: Endpoint, { address }: Target, errno: string): string {
  const why = `this machine does not let ${formatEndpoint(copied.address, copied.port)} send to ${formatAddress(address)} (${errno})`;
  return errno === 'ENETUNREACH' && isIpv6(address)
    ? `${why}: it has no route there: ip -6 route add ${formatAddress(address)} dev lo`
    : `${why}: is there a rule in OUTPUT before that of the queue? see ${toolFor(address)} -S OUTPUT`;
}
