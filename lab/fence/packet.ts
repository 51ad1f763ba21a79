/** Whom a packet is for (RFC 791, RFC 8200). */
import { formatAddress } from '../../src/wire/address/address';
import {
  checkIpv4,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4Protocol,
  IP_PROTOCOL_TCP,
} from '../../src/wire/ip/ipv4';
import type { Call } from './record';

const UDP = 17;
const NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  [IP_PROTOCOL_TCP]: 'tcp',
  [UDP]: 'udp',
  58: 'icmp',
};
const IPV6_HEADER_BYTES = 40;
const IPV6_NEXT_HEADER = 6;
const IPV6_DESTINATION = 24;
/** Of TCP as of UDP. */
const DESTINATION_PORT = 2;

/** @param packet an IP packet of either version; undefined where it is too short to tell */
export function callOf(packet: Buffer): Call | undefined {
  if (packet[0] === undefined) return undefined;
  if (packet[0] >>> 4 === 6) return callOverIpv6(packet);
  if (checkIpv4(packet, 0, packet.length) !== undefined) return undefined;
  const address = formatAddress(ipv4Destination(packet, 0));
  return call(ipv4Protocol(packet, 0), address, packet, ipv4HeaderLength(packet, 0));
}

function callOverIpv6(packet: Buffer): Call | undefined {
  if (packet.length < IPV6_HEADER_BYTES) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) =>
    packet.readUInt16BE(IPV6_DESTINATION + 2 * index).toString(16),
  );
  // URLs have addresses in their shortest form (RFC 5952).
  const address = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  return call(packet[IPV6_NEXT_HEADER]!, address, packet, IPV6_HEADER_BYTES);
}

function call(protocol: number, address: string, packet: Buffer, payload: number): Call {
  const name = NAMES[protocol] ?? `ip-${protocol}`;
  const hasPorts = protocol === IP_PROTOCOL_TCP || protocol === UDP;
  if (!hasPorts || packet.length < payload + DESTINATION_PORT + 2) return { protocol: name, address };
  return { protocol: name, address, port: packet.readUInt16BE(payload + DESTINATION_PORT) };
}
