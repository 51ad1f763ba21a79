/** Traditional: intercept runs on the test server, whose responses wait in an NFQUEUE until they are dropped. */
import { Canaries, responseCanary, type Nobody } from '../guard/canaries';
import type { Backend } from '../kernel/backend';
import { connectionsOf } from '../kernel/connections';
import type { Log } from '../process/log';
import { openVerdictQueue } from '../verdict/open';
import type { Judge, QueueOptions, VerdictQueue } from '../verdict/queue';
import {
  familyOf,
  formatAddress,
  isIpv6,
  isLoopback,
  parseAddress,
  type Address,
} from '../wire/address/address';
import { formatEndpoint, type Endpoint } from '../wire/flow';
import { destinationOf } from '../wire/ip/ip';
import { emptySegmentView, viewSegment, type SegmentFault, type SegmentView } from '../wire/segment';
import { OwnAddresses } from './own-addresses';
import { PacketSender } from './packet-sender';
import { randomWord } from './random';
import { replyFrom, type Proof, type ReplyEvents, type ReplySource } from './reply-source';

/** TEST-NET-1 (RFC 5737), and the discard prefix (RFC 6666): addresses that nobody has. */
export const NOBODY = { 4: parseAddress('192.0.2.1')!, 6: parseAddress('100::1')! };
/** Where the queue cannot be emptied at once. */
const PATIENCE_MS = 50;

/**
 * @param passlist addresses that responses are let through to, this machine's own among them
 * @param canary addresses that canaries are sent to; by default such as no network has
 */
export function openReplyQueue(
  backend: Backend,
  options: QueueOptions,
  passlist: ReadonlySet<number>,
  canary: Nobody,
  events: ReplyEvents,
  log: Log,
): ReplySource {
  const nobody = { ...NOBODY, ...canary };
  const faults: Partial<Record<SegmentFault, number>> = {};
  const isCanary = (view: SegmentView): boolean =>
    view.destination === nobody[familyOf(view.destination)] && proof.caught(view);
  const queue = openVerdictQueue(backend, options, judgeResponses(passlist, isCanary, events, faults));
  const proof = new QueueProof(queue, options.number, nobody, events, backend);
  if (options.length !== undefined && !queue.lengthIsSet) {
    log.warning('queue length not set', {
      asked: options.length,
      next: `the ${queue.description} leaves the kernel's length of 1024 packets`,
    });
  }
  return {
    description: queue.description,
    get counters() {
      const rejected = Object.entries(faults).map(([fault, count]) => [`responses_rejected_${fault}`, count]);
      return {
        ...queue.counters,
        ...proof.counters,
        ...(Object.fromEntries(rejected) as Record<string, number>),
      };
    },
    prove: (copied, now_ms) => proof.prove(copied, now_ms),
    connections: (copied) =>
      connectionsOf(copied).filter(({ clientAddress }) => !passlist.has(clientAddress)),
    close() {
      proof.close();
      queue.close();
    },
  };
}

/**
 * That the rule leads responses into the queue, and that they come from there to here. A packet that this machine sends is
 * in the queue when the system call returns: so a canary that is not found there then was not caught.
 */
class QueueProof {
  readonly #canaries: Canaries;
  readonly #sender: PacketSender;
  readonly #own = new OwnAddresses();
  /** What the kernel had dropped for want of room: it was caught all the same. */
  #overflowed: number;

  constructor(
    private readonly queue: VerdictQueue,
    private readonly number: number,
    private readonly nobody: Required<Nobody>,
    private readonly events: ReplyEvents,
    backend: Backend,
  ) {
    this.#sender = new PacketSender(backend);
    this.#canaries = new Canaries(queue.drain ? 0 : PATIENCE_MS, randomWord);
    this.#overflowed = queue.counters.kernel_dropped ?? 0;
  }

  get counters(): Readonly<Record<string, number>> {
    return { ...this.#canaries.counters };
  }

  caught({ source, sourcePort, sequence }: SegmentView): boolean {
    const isOurs = this.#canaries.caught(source, sourcePort, sequence);
    if (isOurs && !this.queue.drain) this.events.proven({ address: source, port: sourcePort });
    return isOurs;
  }

  prove(copied: Endpoint, now_ms: number): Proof {
    const device = this.#own.deviceOf(copied.address, now_ms);
    if (device === undefined)
      return {
        unproven: `the copied address ${formatAddress(copied.address)} is not on this machine: run intercept on the test server itself, or see -x of tcpcopy`,
      };
    const isRested = !this.queue.drain && this.#canaries.isRested(copied, now_ms);
    const nobody = this.nobody[familyOf(copied.address)];
    const canary = responseCanary(copied, nobody, this.#canaries.launch(copied, now_ms));
    // IPv6 has no address that needs no route, and where that leads is the administrator's choice: to `lo` it never leaves.
    const refusal = this.#sender.send(canary, nobody, isIpv6(nobody) ? undefined : device);
    this.queue.drain?.();
    if (this.#canaries.isProven(copied, now_ms) || this.#hasOverflowed()) return 'proven';
    if (isRested) return 'pending';
    return {
      unproven: refusal === undefined ? this.#missed(copied, nobody) : refused(copied, nobody, refusal),
    };
  }

  close(): void {
    this.#sender.close();
  }

  #hasOverflowed(): boolean {
    const before = this.#overflowed;
    this.#overflowed = this.queue.counters.kernel_dropped ?? 0;
    return this.#overflowed > before;
  }

  #missed({ address, port }: Endpoint, nobody: Address): string {
    const number = this.number === 0 ? '' : ` --queue-num ${this.number}`;
    return `no rule leads what ${formatEndpoint(address, port)} sends to ${formatAddress(nobody)} into queue ${this.number}: ${toolFor(address)} -I OUTPUT -p tcp --sport ${port} -j NFQUEUE${number} (or, where the rule is for certain clients only, --canary <address among theirs that nobody has>)`;
  }
}

const toolFor = (address: Address): string => (isIpv6(address) ? 'ip6tables' : 'iptables');

function refused(copied: Endpoint, nobody: Address, errno: string): string {
  const why = `this machine does not let ${formatEndpoint(copied.address, copied.port)} send to ${formatAddress(nobody)} (${errno})`;
  return errno === 'ENETUNREACH' && isIpv6(nobody)
    ? `${why}: it has no route there: ip -6 route add ${formatAddress(nobody)} dev lo`
    : `${why}: is there a rule in OUTPUT before that of the queue? see ${toolFor(nobody)} -S OUTPUT`;
}

/**
 * Everything that is not on the passlist is dropped, whether it is understood or not. What is addressed to this machine
 * itself never leaves it: its own programs may use the server as always.
 */
function judgeResponses(
  passlist: ReadonlySet<number>,
  isCanary: (view: SegmentView) => boolean,
  events: ReplyEvents,
  faults: Partial<Record<SegmentFault, number>>,
): Judge {
  const view = emptySegmentView();
  return (bytes, offset, length) => {
    const destination = destinationOf(bytes, offset, length);
    if (destination !== undefined && (passlist.has(destination) || isLoopback(destination))) return 'accept';
    const fault = viewSegment(view, bytes, offset, length, 'headers');
    if (fault) faults[fault] = (faults[fault] ?? 0) + 1;
    else if (!isCanary(view)) events.replied(replyFrom(view));
    return 'drop';
  };
}
