/** Who asks for whose hardware address: by ARP (RFC 826), or by a neighbour solicitation (RFC 4861, section 4.3). */
import { readIpv6Address, type Address } from '../../../src/wire/address/address';
import { ETHERTYPE_ARP, type EthernetPayload } from './ethernet';
import type { IpPacket } from './packet';

export interface NeighbourQuestion {
  readonly sender: Address;
  readonly target: Address;
}

const ARP_BYTES = 28;
const ICMPV6 = 58;
const NEIGHBOUR_SOLICITATION = 135;
const TARGET = 8;
const ADDRESS_BYTES = 16;

export function arpQuestionIn({ type, view }: EthernetPayload): NeighbourQuestion | undefined {
  if (type !== ETHERTYPE_ARP || view.byteLength < ARP_BYTES || view.getUint16(6) !== 1) return undefined;
  return { sender: view.getUint32(14), target: view.getUint32(24) };
}

export function solicitationIn(bytes: Uint8Array, packet: IpPacket): NeighbourQuestion | undefined {
  const { protocol, payloadAt, end, source, fragment, at } = packet;
  if (protocol !== ICMPV6 || fragment === 'later' || bytes[payloadAt] !== NEIGHBOUR_SOLICITATION)
    return undefined;
  // Who asks without an address of its own only makes sure that nobody else has it (RFC 4862, section 5.4.2).
  if (payloadAt + TARGET + ADDRESS_BYTES > end || isUnspecified(bytes, at)) return undefined;
  const target = readIpv6Address(bytes, payloadAt + TARGET);
  return target === undefined ? undefined : { sender: source, target };
}

const SOURCE = 8;

const isUnspecified = (bytes: Uint8Array, at: number): boolean =>
  bytes.subarray(at + SOURCE, at + SOURCE + ADDRESS_BYTES).every((byte) => byte === 0);
