/** The kernel's local routes: prefixes whose packets it takes for itself (ip route show table local). */
import { readU32 } from '../../wire/big-endian';
import { formatAddress } from '../../wire/address/address';
import { eachAttribute, MESSAGE_HEADER_BYTES, type NetlinkSocket } from './netlink';
import { AF_INET, linkOf, ROUTE_HEADER_BYTES, RTA_DST, RTA_OIF, RTM_GETROUTE, RTN_LOCAL } from './rtnetlink';

/** Addresses whose first bits are the same; most often one. */
export interface LocalPrefix {
  /** Host order; bits behind the prefix are 0. */
  readonly address: number;
  /** 1 to 32. */
  readonly bits: number;
  /** By which it is local; its packets may come in by another one. */
  readonly device: string;
}

/** @param address host order */
export const isWithin = ({ address, bits }: LocalPrefix, other: number): boolean =>
  (address ^ other) >>> (32 - bits) === 0;

/** `198.18.10.20`, `127.0.0.0/8`. */
export const formatPrefix = ({ address, bits }: LocalPrefix): string =>
  bits === 32 ? formatAddress(address) : `${formatAddress(address)}/${bits}`;

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
  return routesOf(socket).map((route) => ({ ...route, device: nameOf(route.device) }));
}

function routesOf(socket: NetlinkSocket): LocalRoute[] {
  const header = new Uint8Array(ROUTE_HEADER_BYTES);
  header[0] = AF_INET;
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
  if (bytes[header] !== AF_INET || bytes[header + TYPE_AT] !== RTN_LOCAL || !isOfAddress) return undefined;
  let address: number | undefined;
  let device = 0;
  eachAttribute(bytes, header + ROUTE_HEADER_BYTES, end, (type, at, length) => {
    if (length !== 4) return;
    if (type === RTA_DST) address = readU32(bytes, at);
    else if (type === RTA_OIF) device = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at, true);
  });
  return address === undefined || bits === 0 ? undefined : { address, bits, device };
}
