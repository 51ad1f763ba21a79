/** A packet socket (packet(7)) that receives filtered IPv4 packets of one device, link header stripped. */
import { int32 } from './integers';
import { interfaceIndex } from './interface-index';
import type { Kernel } from './kernel';

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const ETH_P_IP = 0x0800;

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
const PACKET_IGNORE_OUTGOING = 23;

const SOCKADDR_LL_BYTES = 20;

export class PacketSocketError extends Error {
  override readonly name = 'PacketSocketError';
  readonly code = 'cannot-open-packet-socket';
}

export class PacketSocket {
  readonly descriptor: number;
  #dropped = 0;

  /** @param filter a classic BPF program @param buffer_bytes what may wait to be read */
  constructor(
    private readonly kernel: Kernel,
    device: string,
    filter: Uint8Array,
    buffer_bytes: number,
  ) {
    const { libc } = kernel;
    // Protocol 0 receives nothing until `bind` names one: no packet comes in before the filter is there.
    this.descriptor = libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    this.#check(this.descriptor, 'socket');
    try {
      this.#set(SOL_SOCKET, SO_RCVBUFFORCE, int32(buffer_bytes), 'SO_RCVBUFFORCE');
      this.#set(SOL_PACKET, PACKET_IGNORE_OUTGOING, int32(1), 'PACKET_IGNORE_OUTGOING');
      this.#attachFilter(filter);
      const address = linkAddress(indexOf(device));
      this.#check(libc.bind(this.descriptor, address, SOCKADDR_LL_BYTES), `bind to ${device}`);
    } catch (error) {
      libc.close(this.descriptor);
      throw error;
    }
  }

  /** Packets that found no room, since the socket was opened. Reading them resets the kernel's own count. */
  droppedTotal(): number {
    const statistics = new Uint8Array(8); // struct tpacket_stats: packets, drops
    const { libc } = this.kernel;
    if (libc.getsockopt(this.descriptor, SOL_PACKET, PACKET_STATISTICS, statistics, int32(8)) === 0) {
      this.#dropped += new DataView(statistics.buffer).getUint32(4, true);
    }
    return this.#dropped;
  }

  close(): void {
    this.kernel.libc.close(this.descriptor);
  }

  #attachFilter(filter: Uint8Array): void {
    const memory = this.kernel.allocate(filter.length);
    memory.bytes.set(filter);
    const program = new Uint8Array(16); // struct sock_fprog: u16 length, padding, pointer
    const view = new DataView(program.buffer);
    view.setUint16(0, filter.length / 8, true);
    view.setBigUint64(8, memory.address, true);
    try {
      this.#set(SOL_SOCKET, SO_ATTACH_FILTER, program, 'SO_ATTACH_FILTER');
    } finally {
      memory.free(); // the kernel has its own copy
    }
  }

  #set(level: number, name: number, value: Uint8Array, what: string): void {
    this.#check(this.kernel.libc.setsockopt(this.descriptor, level, name, value, value.length), what);
  }

  #check(result: number, what: string): void {
    if (result < 0) throw new PacketSocketError(`${what}: ${this.kernel.errno()}`);
  }
}

/** struct sockaddr_ll (linux/if_packet.h). */
function linkAddress(index: number): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_LL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_IP, false);
  view.setInt32(4, index, true);
  return bytes;
}

function indexOf(device: string): number {
  const index = interfaceIndex(device);
  if (index === undefined) throw new PacketSocketError(`there is no network device ${device}`);
  return index;
}
