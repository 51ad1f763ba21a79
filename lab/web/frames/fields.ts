/** The fields of an IP packet with a TCP segment in it, by name, with their places (RFC 791, RFC 8200, RFC 9293). */
import { readU16, readU32 } from '../../../src/wire/big-endian';
import { formatAddress, formatIpv6 } from '../../../src/wire/address/address';
import { formatFlags } from '../../../src/wire/print';
import { eachOption } from '../../../src/wire/tcp-options';
import { tcpFlags, tcpHeaderLength } from '../../../src/wire/tcp';
import type { Field } from '../messages/frame';

type Read = (bytes: Uint8Array, at: number) => string;

const u8: Read = (bytes, at) => String(bytes[at]!);
const u16: Read = (bytes, at) => String(readU16(bytes, at));
const u32: Read = (bytes, at) => String(readU32(bytes, at));
const hex16: Read = (bytes, at) => `0x${readU16(bytes, at).toString(16).padStart(4, '0')}`;
const address: Read = (bytes, at) => formatAddress(readU32(bytes, at));

/** Name, offset in the header, length in bytes. */
type Place = readonly [name: string, at: number, length: number, read: Read];

const IPV4: readonly Place[] = [
  ['ip.version', 0, 1, (bytes, at) => String(bytes[at]! >>> 4)],
  ['ip.header-length', 0, 1, (bytes, at) => `${(bytes[at]! & 15) * 4} B`],
  ['ip.total-length', 2, 2, (bytes, at) => `${readU16(bytes, at)} B`],
  ['ip.identification', 4, 2, hex16],
  ['ip.fragment', 6, 2, hex16],
  ['ip.ttl', 8, 1, u8],
  ['ip.protocol', 9, 1, u8],
  ['ip.checksum', 10, 2, hex16],
  ['ip.source', 12, 4, address],
  ['ip.destination', 16, 4, address],
];

const IPV6: readonly Place[] = [
  ['ip.version', 0, 1, (bytes, at) => String(bytes[at]! >>> 4)],
  ['ip.traffic-class', 0, 2, (bytes, at) => String((readU16(bytes, at) >>> 4) & 0xff)],
  [
    'ip.flow-label',
    1,
    3,
    (bytes, at) => `0x${(readU32(bytes, at - 1) & 0xfffff).toString(16).padStart(5, '0')}`,
  ],
  ['ip.payload-length', 4, 2, (bytes, at) => `${readU16(bytes, at)} B`],
  ['ip.next-header', 6, 1, u8],
  ['ip.hop-limit', 7, 1, u8],
  ['ip.source', 8, 16, formatIpv6],
  ['ip.destination', 24, 16, formatIpv6],
];

const TCP: readonly Place[] = [
  ['tcp.source-port', 0, 2, u16],
  ['tcp.destination-port', 2, 2, u16],
  ['tcp.sequence', 4, 4, u32],
  ['tcp.acknowledgment', 8, 4, u32],
  ['tcp.header-length', 12, 1, (bytes, at) => `${(bytes[at]! >>> 4) * 4} B`],
  ['tcp.flags', 13, 1, (bytes, at) => formatFlags(tcpFlags(bytes, at - 13))],
  ['tcp.window', 14, 2, u16],
  ['tcp.checksum', 16, 2, hex16],
  ['tcp.urgent', 18, 2, u16],
];

/** @param bytes begin with the IP header @param tcpAt where the TCP header begins; both headers must be whole */
export function fieldsOf(bytes: Uint8Array, tcpAt: number): Field[] {
  const payloadAt = tcpAt + tcpHeaderLength(bytes, tcpAt);
  const options: Field[] = [];
  eachOption(bytes, tcpAt, (kind, offset, length) => {
    options.push({
      name: `tcp.option.${kind}`,
      value: optionValue(bytes, kind, offset, length),
      offset,
      length,
    });
  });
  const payload: Field = {
    name: 'payload',
    value: `${bytes.length - payloadAt} B`,
    offset: payloadAt,
    length: bytes.length - payloadAt,
  };
  return [
    ...(bytes[0]! >>> 4 === 6 ? IPV6 : IPV4).map(fieldAt(bytes, 0)),
    ...TCP.map(fieldAt(bytes, tcpAt)),
    ...options,
    ...(payload.length > 0 ? [payload] : []),
  ];
}

const fieldAt =
  (bytes: Uint8Array, base: number) =>
  ([name, at, length, read]: Place): Field => ({
    name,
    value: read(bytes, base + at),
    offset: base + at,
    length,
  });

function optionValue(bytes: Uint8Array, kind: number, at: number, length: number): string {
  if (kind === 2 && length === 4) return `${readU16(bytes, at + 2)} B`;
  if (kind === 3 && length === 3) return `× ${2 ** Math.min(bytes[at + 2]!, 14)}`;
  if (kind === 4) return '✓';
  if (kind === 8 && length === 10) return `${readU32(bytes, at + 2)}, ${readU32(bytes, at + 6)}`;
  return Buffer.from(bytes.subarray(at + 2, at + length)).toString('hex') || '–';
}
