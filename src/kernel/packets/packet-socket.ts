/**
 * A packet socket (packet(7)) that receives filtered packets of one family from one device or of all, link header stripped.
 *
 * It is bound to IPv4 or IPv6, not to every protocol (net/core/dev.c, __netif_receive_skb_core): where it is for all devices
 * it gets a packet once, as the kernel's own IP does, and not also at the bridge port, the member of a bond or the device below a
 * VLAN that it came by, nor on its way out.
 */
import { attachFilter } from '../filter/attach-filter';
import { int32 } from '../integers';
import { interfaceIndex } from '../interface-index';
import type { Kernel } from '../kernel';
import type { Family } from '../../wire/address/address';

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** ETH_P_IP, ETH_P_IPV6. */
const PROTOCOLS: Readonly<Record<Family, number>> = { 4: 0x0800, 6: 0x86dd };
/** ETH_P_ALL: what goes out is handed to nobody else. */
const EVERY_PROTOCOL = 3;

const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SO_MEMINFO = 55;
const SO_TIMESTAMPNS = 35;
/** Words of it (linux/sock_diag.h): SK_MEMINFO_RMEM_ALLOC, SK_MEMINFO_RCVBUF, and how many there are. */
const MEMINFO_WAITING = 0;
const MEMINFO_ROOM = 1;
const MEMINFO_WORDS = 9;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_STATISTICS = 6;
const PACKET_IGNORE_OUTGOING = 23;

const PACKET_MR_PROMISC = 1;
const PACKET_MREQ_BYTES = 16;
const SOCKADDR_LL_BYTES = 20;
const EVERY_DEVICE = 0;

export class PacketSocketError extends Error {
  override readonly name = 'PacketSocketError';
  readonly code = 'cannot-open-packet-socket';
}

export interface PacketTotals {
  readonly letIn: number;
  readonly dropped: number;
}

export interface PacketSocketOptions {
  /** A classic BPF program. */
  readonly filter: Uint8Array;
  /** What may wait to be read. */
  readonly buffer_bytes: number;
  /** While the socket is open the device takes in what is for other machines, too. */
  readonly promiscuous?: boolean;
  /**
   * What goes out is received as well. Then a packet comes as often as devices pass it on to each other, and those of every protocol
   * come to the filter.
   */
  readonly bothWays?: boolean;
  /** The kernel tells of each packet when it came (`ReceiveBatch`). */
  readonly stamped?: boolean;
}

export class PacketSocket {
  readonly descriptor: number;
  #letIn = 0;
  #dropped = 0;

  /** @param device undefined for all */
  constructor(
    private readonly kernel: Kernel,
    device: string | undefined,
    family: Family,
    { filter, buffer_bytes, promiscuous = false, bothWays = false, stamped = false }: PacketSocketOptions,
  ) {
    const { libc } = kernel;
    // Protocol 0 receives nothing until `bind` names one: no packet comes in before the filter is there.
    this.descriptor = libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    this.#check(this.descriptor, 'socket');
    try {
      this.#set(SOL_SOCKET, SO_RCVBUFFORCE, int32(buffer_bytes), 'SO_RCVBUFFORCE');
      if (!bothWays) this.#set(SOL_PACKET, PACKET_IGNORE_OUTGOING, int32(1), 'PACKET_IGNORE_OUTGOING');
      if (stamped) this.#set(SOL_SOCKET, SO_TIMESTAMPNS, int32(1), 'SO_TIMESTAMPNS');
      this.filter(filter);
      const index = device === undefined ? EVERY_DEVICE : this.#indexOf(device);
      if (promiscuous)
        this.#set(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership(index), 'PACKET_ADD_MEMBERSHIP');
      const address = linkAddress(index, bothWays ? EVERY_PROTOCOL : PROTOCOLS[family]);
      this.#check(
        libc.bind(this.descriptor, address, SOCKADDR_LL_BYTES),
        `bind to ${device ?? 'all devices'}`,
      );
    } catch (error) {
      libc.close(this.descriptor);
      throw error;
    }
  }

  /** Another filter takes the place of the one before at once; what waits was let in by that. */
  filter(program: Uint8Array): void {
    const refusal = attachFilter(this.kernel, this.descriptor, program);
    if (refusal !== undefined) throw new PacketSocketError(`SO_ATTACH_FILTER: ${refusal}`);
  }

  /** How much of the room for packets is taken by those that wait to be read, 0 to 1. */
  fill(): number {
    const words = new Uint32Array(MEMINFO_WORDS);
    const bytes = new Uint8Array(words.buffer);
    const { libc } = this.kernel;
    const asked = libc.getsockopt(this.descriptor, SOL_SOCKET, SO_MEMINFO, bytes, int32(bytes.length));
    return asked === 0 ? Math.min(1, words[MEMINFO_WAITING]! / words[MEMINFO_ROOM]!) : 0;
  }

  /** Packets that the filter let in since the socket was opened, and those of them that found no room. */
  totals(): PacketTotals {
    const statistics = new Uint32Array(2); // struct tpacket_stats: packets, drops; reading it resets it
    const bytes = new Uint8Array(statistics.buffer);
    const { libc } = this.kernel;
    if (libc.getsockopt(this.descriptor, SOL_PACKET, PACKET_STATISTICS, bytes, int32(bytes.length)) === 0) {
      this.#letIn += statistics[0]!;
      this.#dropped += statistics[1]!;
    }
    return { letIn: this.#letIn, dropped: this.#dropped };
  }

  close(): void {
    this.kernel.libc.close(this.descriptor);
  }

  #indexOf(device: string): number {
    const index = interfaceIndex(this.kernel, device);
    if (index === undefined) throw new PacketSocketError(`there is no network device ${device}`);
    return index;
  }

  #set(level: number, name: number, value: Uint8Array, what: string): void {
    this.#check(this.kernel.libc.setsockopt(this.descriptor, level, name, value, value.length), what);
  }

  #check(result: number, what: string): void {
    if (result < 0) throw new PacketSocketError(`${what}: ${this.kernel.errno()}`);
  }
}

/** struct sockaddr_ll (linux/if_packet.h). */
function linkAddress(index: number, protocol: number): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_LL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol, false);
  view.setInt32(4, index, true);
  return bytes;
}

/** struct packet_mreq (linux/if_packet.h) of a promiscuous device. */
function membership(index: number): Uint8Array {
  const bytes = new Uint8Array(PACKET_MREQ_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, index, true);
  view.setUint16(4, PACKET_MR_PROMISC, true);
  return bytes;
}
