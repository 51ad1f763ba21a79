/** What is asked of the kernel over rtnetlink(7), and how it names network devices there. */
import {
  IPV6_ADDRESS_BYTES,
  isIpv6,
  readIpv6Address,
  writeIpv6Address,
  type Address,
  type Family,
} from '../../wire/address/address';
import { readU32 } from '../../wire/big-endian';
import { networkU32 } from '../integers';
import { attribute, eachAttribute, MESSAGE_HEADER_BYTES, type NetlinkSocket } from './netlink';

const AF_INET = 2;
const AF_INET6 = 10;

/** Of linux/socket.h. */
export const FAMILY_NUMBERS: Readonly<Record<Family, number>> = { 4: AF_INET, 6: AF_INET6 };
const IPV4_ADDRESS_BYTES = 4;

/** Bits of a whole address. */
export const addressBits = (address: Address): number => (isIpv6(address) ? 128 : 32);

/** In network order: 4 or 16 bytes. */
export function addressBytes(address: Address): Uint8Array {
  if (!isIpv6(address)) return networkU32(address);
  const bytes = new Uint8Array(IPV6_ADDRESS_BYTES);
  writeIpv6Address(bytes, 0, address);
  return bytes;
}

/** @param length of the attribute at `at` @returns undefined for what is no address */
export function addressAt(bytes: Uint8Array, at: number, length: number): Address | undefined {
  if (length === IPV4_ADDRESS_BYTES) return readU32(bytes, at);
  return length === IPV6_ADDRESS_BYTES ? readIpv6Address(bytes, at) : undefined;
}

export const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;

/** struct rtmsg, struct ifinfomsg (linux/rtnetlink.h). */
export const ROUTE_HEADER_BYTES = 12;
const LINK_HEADER_BYTES = 16;
const LINK_TYPE_AT = MESSAGE_HEADER_BYTES + 2;
const LINK_FLAGS_AT = MESSAGE_HEADER_BYTES + 8;
const IFF_UP = 1;

export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
export const RTA_DST = 1;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_METRICS = 8;
/** Of the metrics. */
export const RTAX_MTU = 2;
/** struct rtvia: u16 family, and the address. */
export const RTA_VIA = 18;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
/** RTEXT_FILTER_SKIP_STATS. */
const WITHOUT_STATISTICS = Uint8Array.of(8, 0, 0, 0);

const LINK_ADDRESS_BYTES = 6;

export interface Link {
  readonly name: string;
  readonly isUp: boolean;
  /** ARPHRD_… of linux/if_arp.h. */
  readonly type: number;
  /** Six bytes; undefined where it has none, or one of another length. */
  readonly address: Uint8Array | undefined;
}

/**
 * @param device its name or interface index
 * @returns undefined when there is no such device
 * @throws NetlinkError when the kernel cannot be asked
 */
export function linkOf(socket: NetlinkSocket, device: string | number): Link | undefined {
  const header = new Uint8Array(LINK_HEADER_BYTES);
  if (typeof device === 'number') new DataView(header.buffer).setInt32(4, device, true);
  const answer = askFor(socket, 'link', RTM_GETLINK, RTM_NEWLINK, [
    header,
    attribute(IFLA_EXT_MASK, WITHOUT_STATISTICS),
    ...(typeof device === 'string' ? [attribute(IFLA_IFNAME, Buffer.from(`${device}\0`))] : []),
  ]);
  if (!answer) return undefined;
  let name = '';
  let address: Uint8Array | undefined;
  eachAttribute(answer, MESSAGE_HEADER_BYTES + LINK_HEADER_BYTES, answer.length, (type, at, length) => {
    if (type === IFLA_ADDRESS && length === LINK_ADDRESS_BYTES) address = answer.slice(at, at + length);
    // It ends with a zero.
    else if (type === IFLA_IFNAME) name = Buffer.from(answer.subarray(at, at + length - 1)).toString();
  });
  return {
    name,
    isUp: (answer[LINK_FLAGS_AT]! & IFF_UP) !== 0,
    type: answer[LINK_TYPE_AT]! | (answer[LINK_TYPE_AT + 1]! << 8),
    address,
  };
}

/** @param expected type of the answer @returns the answer, borrowed until the next question */
export function askFor(
  socket: NetlinkSocket,
  what: string,
  type: number,
  expected: number,
  body: readonly Uint8Array[],
): Uint8Array | undefined {
  const answer = socket.query(what, type, body);
  return answer && (answer[4]! | (answer[5]! << 8)) === expected ? answer : undefined;
}
