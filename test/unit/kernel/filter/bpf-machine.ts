/**
 * A classic BPF machine (the BSD packet filter's paper, table 1), for the instructions that our programs use. It knows their
 * numbers by itself, so that a wrong one is seen.
 */

/** What the kernel knows of a packet besides its bytes (linux/if_packet.h, netdevice(7)). */
export interface Receipt {
  readonly type: 'host' | 'broadcast' | 'multicast' | 'other-host' | 'outgoing';
  readonly device: number;
}

/** Packets are from their network header on: offsets from there are the packet's own (SKF_NET_OFF). */
const FROM_NETWORK_HEADER = 0xfff0_0000;
const ANCILLARY = 0xffff_f000;
const placeOf = (k: number): number =>
  k >= FROM_NETWORK_HEADER && k < ANCILLARY ? k - FROM_NETWORK_HEADER : k;

const TYPES: readonly Receipt['type'][] = ['host', 'broadcast', 'multicast', 'other-host', 'outgoing'];
const RECEIVED: Receipt = { type: 'host', device: 2 };

/** struct sock_filter (linux/filter.h). */
const INSTRUCTION_BYTES = 8;

/** @param packet from its IPv4 header on @returns how many bytes of it are let in */
export function runFilter(
  program: Uint8Array,
  packet: Uint8Array,
  { type, device }: Receipt = RECEIVED,
): number {
  const ancillary = new Map([
    [0xffff_f000, packet[0]! >>> 4 === 6 ? 0x86dd : 0x0800], // SKF_AD_PROTOCOL
    [0xffff_f004, TYPES.indexOf(type)],
    [0xffff_f008, device],
  ]);
  const instructions = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const memory = new Map<number, number>();
  let a = 0;
  let x = 0;
  for (let at = 0; at < program.length / INSTRUCTION_BYTES; at += 1) {
    const place = at * INSTRUCTION_BYTES;
    const k = instructions.getUint32(place + 4, true);
    const remembered = (): number => {
      const word = memory.get(k);
      if (word === undefined) throw new Error(`instruction ${at} reads what nobody stored`);
      return word;
    };
    const jump = (taken: boolean): void => void (at += instructions.getUint8(place + (taken ? 2 : 3)));
    switch (instructions.getUint16(place, true)) {
      case 0x30:
        a = data.getUint8(placeOf(k));
        break;
      case 0x28:
        a = data.getUint16(placeOf(k));
        break;
      case 0x20:
        a = ancillary.get(k) ?? data.getUint32(placeOf(k));
        break;
      case 0x50:
        a = data.getUint8(placeOf(x + k));
        break;
      case 0x48:
        a = data.getUint16(placeOf(x + k));
        break;
      case 0x01:
        x = k;
        break;
      case 0x04:
        a = (a + k) >>> 0;
        break;
      case 0xb1:
        x = (data.getUint8(placeOf(k)) & 0xf) * 4;
        break;
      case 0x00:
        a = k;
        break;
      case 0x60:
        a = remembered();
        break;
      case 0x61:
        x = remembered();
        break;
      case 0x02:
        memory.set(k, a);
        break;
      case 0x03:
        memory.set(k, x);
        break;
      case 0x07:
        x = a;
        break;
      case 0x0c:
        a = (a + x) >>> 0;
        break;
      case 0x24:
        a = Math.imul(a, k) >>> 0;
        break;
      case 0x54:
        a = (a & k) >>> 0;
        break;
      case 0xac:
        a = (a ^ x) >>> 0;
        break;
      case 0x74:
        a = a >>> k;
        break;
      case 0x7c:
        a = a >>> x;
        break;
      case 0x05:
        at += k;
        break;
      case 0x15:
        jump(a === k);
        break;
      case 0x35:
        jump(a >= k);
        break;
      case 0x45:
        jump((a & k) !== 0);
        break;
      case 0x06:
        return k;
      default:
        throw new Error(`instruction ${at} is not known`);
    }
  }
  throw new Error('the program has no end');
}
