/** The kernel's local routes: prefixes whose packets it takes for itself (ip route show table local). */
import {
  formatAddress,
  holdAddress,
  isIpv6,
  sharesBits,
  type Address,
  type Family,
} from '../../wire/address/address';
import { eachAttribute, MESSAGE_HEADER_BYTES, type NetlinkSocket } from './netlink';
import {
  addressAt,
  addressBits,
  FAMILY_NUMBERS,
  linkOf,
  ROUTE_HEADER_BYTES,
  RTA_DST,
  RTA_OIF,
  RTM_GETROUTE,
  RTN_LOCAL,
} from './rtnetlink';

/** Addresses whose first bits are the same; most often one. */
export interface LocalPrefix {
  /** Bits behind the prefix are 0. */
  readonly address: Address;
  /** 1 to 32, or to 128. */
  readonly bits: number;
  /** By which it is local; its packets may come in by another one. */
  readonly device: string;
}

export const isWithin = ({ address, bits }: LocalPrefix, other: Address): boolean =>
  isIpv6(address) === isIpv6(other) && sharesBits(address, other, bits);

/** It is one address. */
export const isSingle = ({ address, bits }: LocalPrefix): boolean => bits === addressBits(address);

/** `198.18.10.20`, `127.0.0.0/8`. */
export const formatPrefix = ({ address, bits }: LocalPrefix): string =>
  bits === addressBits(address) ? formatAddress(address) : `${formatAddress(address)}/${bits}`;

/** By interface index. */
type LocalRoute = Omit<LocalPrefix, 'device'> & { readonly device: number };

/** Fields of struct rtmsg. */
const PREFIX_BITS_AT = 1;
const TABLE_AT = 4;
const PROTOCOL_AT = 5;
const TYPE_AT = 7;
const RT_TABLE_LOCAL = 255;
const RTPROT_KERNEL = 2;

const ATTEMPTS_MAX = 10;

/** @throws NetlinkError when the kernel cannot be asked */
export function readLocalRoutes(socket: NetlinkSocket): LocalPrefix[] {
  const names = new Map<number, string>();
  const nameOf = (index: number): string => {
    const name = names.get(index) ?? linkOf(socket, index)?.name ?? `device ${index}`;
    names.set(index, name);
    return name;
  };
  const routes = [...routesOf(socket, 4), ...routesOf(socket, 6)];
  return routes.map((route) => ({ ...route, device: nameOf(route.device) }));
}

function routesOf(socket: NetlinkSocket, family: Family): LocalRoute[] {
  const header = new Uint8Array(ROUTE_HEADER_BYTES);
  header[0] = FAMILY_NUMBERS[family];
  header[TYPE_AT] = RTN_LOCAL;
  for (let attempt = 1; ; attempt += 1) {
    const routes: LocalRoute[] = [];
    const whole = socket.dump('local routes', RTM_GETROUTE, [header], (bytes, from, end) => {
      const route = localRouteIn(bytes, from, end);
      if (route) routes.push(route);
    });
    if (whole || attempt === ATTEMPTS_MAX) return routes;
  }
}

/**
 * Reads a message of rtnetlink.
 *
 * In other tables than that of local routes only those of the kernel count, which stand for addresses of a VRF's devices:
 * a transparent proxy (TPROXY) has one of its own there that would make everybody's address local.
 *
 * @returns undefined for what is no local route
 */
export function localRouteIn(bytes: Uint8Array, from: number, end: number): LocalRoute | undefined {
  const header = from + MESSAGE_HEADER_BYTES;
  const bits = bytes[header + PREFIX_BITS_AT]!;
  const isOfAddress =
    bytes[header + TABLE_AT] === RT_TABLE_LOCAL || bytes[header + PROTOCOL_AT] === RTPROT_KERNEL;
  const isOfIp = bytes[header] === FAMILY_NUMBERS[4] || bytes[header] === FAMILY_NUMBERS[6];
  if (!isOfIp || bytes[header + TYPE_AT] !== RTN_LOCAL || !isOfAddress) return undefined;
  let address: number | undefined;
  let device = 0;
  eachAttribute(bytes, header + ROUTE_HEADER_BYTES, end, (type, at, length) => {
    if (type === RTA_DST) address = addressAt(bytes, at, length);
    else if (type === RTA_OIF && length === 4)
      device = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at, true);
  });
  if (address === undefined || bits === 0) return undefined;
  // This machine's addresses are few.
  holdAddress(address);
  return { address, bits, device };
}
