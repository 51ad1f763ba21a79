/**
 * Where a packet goes from here, as the kernel would decide: device and link address of the next hop, asked for over
 * rtnetlink(7).
 */
import { int32 } from '../integers';
import type { Kernel } from '../kernel';
import {
  attribute,
  eachAttribute,
  MESSAGE_HEADER_BYTES,
  NETLINK_ROUTE,
  NetlinkError,
  NetlinkSocket,
} from './netlink';
import {
  addressAt,
  addressBits,
  addressBytes,
  askFor,
  FAMILY_NUMBERS,
  linkOf,
  ROUTE_HEADER_BYTES,
  RTA_DST,
  RTA_GATEWAY,
  RTA_METRICS,
  RTA_OIF,
  RTA_VIA,
  RTAX_MTU,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTN_UNICAST,
} from './rtnetlink';
import { familyOf } from '../../wire/address/address';

const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;

/** struct ndmsg (linux/neighbour.h). */
const NEIGHBOUR_HEADER_BYTES = 12;
const ROUTE_TYPE_AT = MESSAGE_HEADER_BYTES + 7;
const NEIGHBOUR_STATE_AT = MESSAGE_HEADER_BYTES + 8;
const NDA_DST = 1;
const NDA_LLADDR = 2;
const NLM_F_CREATE = 0x400;
/** The entry is used, and the kernel asks for it if need be; in `ndm_flags`. */
const NTF_USE = 0x01;
const NEIGHBOUR_FLAGS_AT = 10;
const ARPHRD_ETHER = 1;
const LINK_ADDRESS_BYTES = 6;

/** NUD_STALE, NUD_DELAY, NUD_PROBE: a link address is known, but it was not confirmed lately. */
const UNCONFIRMED = 0x04 | 0x08 | 0x10;
/** NUD_REACHABLE, NUD_NOARP, NUD_PERMANENT. */
const CONFIRMED = 0x02 | 0x40 | 0x80;

/** By the kernel's routes. */
interface Route {
  /** Interface index of an Ethernet device. */
  readonly device: number;
  /** Its address on the link; the server's own where that is on it. */
  readonly gateway: number;
  /** Of the largest packet that it takes, where the route says so (ip-route(8)), or a router has (`ip route get`). */
  readonly mtu_bytes: number | undefined;
}

export interface NextHop extends Route {
  /** Six bytes each. */
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  /** False when the kernel would ask again whether the next hop is there, once it sends something itself. */
  readonly confirmed: boolean;
}

/** An Ethernet next hop whose link address the kernel does not know, or not yet. */
export interface UnresolvedHop extends Route {
  readonly destination: undefined;
}

export class NextHops {
  readonly #socket: NetlinkSocket;

  /** @throws NetlinkError */
  constructor(kernel: Kernel) {
    this.#socket = new NetlinkSocket(kernel, NETLINK_ROUTE);
  }

  /**
   * @param device interface index, where the caller chooses the device; 0 for the kernel's choice
   * @param given the link address (six bytes) to use instead of the neighbour's
   * @returns undefined when it is not reached over Ethernet
   * @throws NetlinkError when the kernel cannot be asked
   */
  find(
    destination: number,
    device: number,
    given: Uint8Array | undefined,
  ): NextHop | UnresolvedHop | undefined {
    const route = this.#route(destination, device);
    const link = route && linkOf(this.#socket, route.device);
    if (link?.type !== ARPHRD_ETHER || !link.address) return undefined;
    const known = { ...route!, source: link.address };
    if (given) return { ...known, destination: given, confirmed: true };
    const neighbour = this.#neighbour(known.device, known.gateway);
    return neighbour ? { ...known, ...neighbour } : { ...route!, destination: undefined };
  }

  /**
   * Has the kernel ask for a neighbour, as if it had something to send to it; only that nothing is sent, so that it need
   * not complain to anybody when nobody answers.
   *
   * @returns false when it may not be asked (without CAP_NET_ADMIN)
   */
  resolve({ device, gateway }: NextHop | UnresolvedHop): boolean {
    try {
      const body = neighbourBody(device, gateway, NTF_USE);
      this.#socket.command('neighbour', RTM_NEWNEIGH, body, NLM_F_CREATE);
      return true;
    } catch (failure) {
      if (failure instanceof NetlinkError) return false;
      throw failure;
    }
  }

  close(): void {
    this.#socket.close();
  }

  #route(destination: number, wanted: number): Route | undefined {
    const header = new Uint8Array(ROUTE_HEADER_BYTES);
    header[0] = FAMILY_NUMBERS[familyOf(destination)];
    header[1] = addressBits(destination);
    const answer = askFor(this.#socket, 'route', RTM_GETROUTE, RTM_NEWROUTE, [
      header,
      attribute(RTA_DST, addressBytes(destination)),
      ...(wanted > 0 ? [attribute(RTA_OIF, int32(wanted))] : []),
    ]);
    if (answer?.[ROUTE_TYPE_AT] !== RTN_UNICAST) return undefined;
    let device = 0;
    let gateway = destination;
    let mtu_bytes: number | undefined;
    eachAttribute(answer, MESSAGE_HEADER_BYTES + ROUTE_HEADER_BYTES, answer.length, (type, at, length) => {
      if (type === RTA_OIF && length === 4)
        device = new DataView(answer.buffer).getInt32(answer.byteOffset + at, true);
      else if (type === RTA_GATEWAY) gateway = addressAt(answer, at, length) ?? gateway;
      // A gateway of the other family: its family stands before it.
      else if (type === RTA_VIA) gateway = addressAt(answer, at + 2, length - 2) ?? gateway;
      else if (type === RTA_METRICS)
        eachAttribute(answer, at, at + length, (metric, value) => {
          if (metric === RTAX_MTU)
            mtu_bytes = new DataView(answer.buffer).getUint32(answer.byteOffset + value, true);
        });
    });
    return device > 0 ? { device, gateway, mtu_bytes } : undefined;
  }

  #neighbour(device: number, address: number): { destination: Uint8Array; confirmed: boolean } | undefined {
    const answer = askFor(
      this.#socket,
      'neighbour',
      RTM_GETNEIGH,
      RTM_NEWNEIGH,
      neighbourBody(device, address),
    );
    if (!answer) return undefined;
    const state = answer[NEIGHBOUR_STATE_AT]!;
    let destination: Uint8Array | undefined;
    eachAttribute(
      answer,
      MESSAGE_HEADER_BYTES + NEIGHBOUR_HEADER_BYTES,
      answer.length,
      (type, at, length) => {
        if (type === NDA_LLADDR && length === LINK_ADDRESS_BYTES) destination = answer.slice(at, at + length);
      },
    );
    if (!destination || !(state & (CONFIRMED | UNCONFIRMED))) return undefined;
    return { destination, confirmed: (state & CONFIRMED) !== 0 };
  }
}

/** Names a neighbour. @param flags of struct ndmsg */
function neighbourBody(device: number, address: number, flags = 0): Uint8Array[] {
  const header = new Uint8Array(NEIGHBOUR_HEADER_BYTES);
  header[0] = FAMILY_NUMBERS[familyOf(address)];
  new DataView(header.buffer).setInt32(4, device, true);
  header[NEIGHBOUR_FLAGS_AT] = flags;
  return [header, attribute(NDA_DST, addressBytes(address))];
}
