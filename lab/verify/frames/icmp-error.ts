/** ICMP errors, and the packet that each complains about (RFC 792; RFC 1122, section 3.2.2; RFC 4443; RFC 4861). */
import { familyOf } from '../../../src/wire/address/address';
import { readU16 } from '../../../src/wire/big-endian';
import { IP_PROTOCOL_TCP } from '../../../src/wire/ip/ipv4';
import { ipPacketAt, type IpPacket } from './packet';

export type IcmpMeaning = 'unreachable' | 'redirect' | 'time-exceeded' | 'other';

export interface IcmpError {
  readonly type: number;
  readonly code: number;
  readonly meaning: IcmpMeaning;
  /** The TCP packet that it is about; undefined when it is about another, or does not hold enough of it. */
  readonly about:
    | { source: number; sourcePort: number; destination: number; destinationPort: number }
    | undefined;
}

const HEADER_BYTES = 8;
const PORTS_BYTES = 4;

/** The messages that packets provoke, by type. The others are somebody's ping, or look for neighbours. */
const FAMILIES = {
  4: {
    protocol: 1,
    errors: new Map<number, IcmpMeaning>([
      [3, 'unreachable'],
      [4, 'other'],
      [5, 'redirect'],
      [11, 'time-exceeded'],
      [12, 'other'],
    ]),
  },
  6: {
    protocol: 58,
    errors: new Map<number, IcmpMeaning>([
      [1, 'unreachable'],
      [2, 'other'],
      [3, 'time-exceeded'],
      [4, 'other'],
      [137, 'redirect'],
    ]),
  },
} as const;

/** Undefined when the packet is no ICMP error. */
export function icmpErrorIn(bytes: Uint8Array, packet: IpPacket): IcmpError | undefined {
  const { protocol, errors } = FAMILIES[familyOf(packet.source)];
  const { payloadAt: at, end } = packet;
  if (packet.protocol !== protocol || packet.fragment === 'later' || at + 2 > end) return undefined;
  const meaning = errors.get(bytes[at]!);
  if (meaning === undefined) return undefined;
  const quoted = protocol === 58 && meaning === 'redirect' ? redirectedAt(bytes, at, end) : at + HEADER_BYTES;
  const about = quoted === undefined ? undefined : tcpPacketAt(bytes, quoted, end);
  return { type: bytes[at]!, code: bytes[at + 1]!, meaning, about };
}

/** Behind the addresses of target and destination. */
const REDIRECT_OPTIONS = HEADER_BYTES + 32;
const REDIRECTED_HEADER = 4;

/** An ICMPv6 redirect has the packet in an option (RFC 4861, section 4.6.3): type, length in 8 bytes, 6 bytes of nothing. */
function redirectedAt(bytes: Uint8Array, icmp: number, end: number): number | undefined {
  for (let at = icmp + REDIRECT_OPTIONS; at + 2 <= end && bytes[at + 1] !== 0; at += 8 * bytes[at + 1]!)
    if (bytes[at] === REDIRECTED_HEADER) return at + 8;
  return undefined;
}

function tcpPacketAt(bytes: Uint8Array, at: number, end: number): IcmpError['about'] {
  const packet = ipPacketAt(bytes, at, end);
  if (packet?.protocol !== IP_PROTOCOL_TCP || packet.fragment === 'later') return undefined;
  const { source, destination, payloadAt } = packet;
  if (payloadAt + PORTS_BYTES > end) return undefined;
  return {
    source,
    sourcePort: readU16(bytes, payloadAt),
    destination,
    destinationPort: readU16(bytes, payloadAt + 2),
  };
}
