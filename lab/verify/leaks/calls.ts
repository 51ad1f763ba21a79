/** Frames by which the test side calls somebody else: where a fence stands, none of them may be seen. */
import { contains, parseSubnet, placeOf, subnetOfOne, type Subnet } from '../../topology/addresses';
import { formatAddress, parseAddress } from '../../../src/wire/address/address';
import { ACK, SYN } from '../../../src/wire/tcp';
import type { SegmentView } from '../../../src/wire/segment';
import type { Scene } from '../evidence/scene';
import { isMark } from '../frames/marks';
import type { IpPacket } from '../frames/packet';

const ICMP = 1;
const ICMP_ECHO_REQUEST = 8;
const UDP = 17;
/** Nobody listens there (RFC 863). */
const DISCARD = 9;
const UDP_HEADER_BYTES = 8;
const LIMITED_BROADCAST = 0xffff_ffff;

export class CallAudit {
  readonly #own: ReadonlySet<number>;
  readonly #inside: readonly Subnet[];
  readonly #copiedPort: number;
  /** Who has spoken to a port by UDP, and may be answered. */
  readonly #spoken = new Set<string>();

  constructor({ test, fence, broadcast }: Scene) {
    this.#own = new Set((fence?.own ?? []).map((address) => parseAddress(address)!));
    const inside = [...(fence?.inside ?? []), '127.0.0.0/8', broadcast];
    this.#inside = inside.map((range) => parseSubnet(range.includes('/') ? range : subnetOfOne(range))!);
    this.#copiedPort = test.port;
  }

  /** Its first segment; what the copied port says is the guard's affair. */
  isCall({ source, sourcePort, destination, flags }: SegmentView): boolean {
    if ((flags & (SYN | ACK)) !== SYN || sourcePort === this.#copiedPort) return false;
    return this.#own.has(source) && this.#isOutside(destination);
  }

  /** Of what is no TCP. */
  isOtherCall(
    bytes: Uint8Array,
    { protocol, source, destination, payloadAt: payload, end }: IpPacket,
  ): boolean {
    if (payload + 4 > end) return false;
    const isOwn = this.#own.has(source) && this.#isOutside(destination);
    if (protocol === ICMP) return isOwn && bytes[payload] === ICMP_ECHO_REQUEST;
    if (protocol !== UDP) return false;
    const [from, to] = [portAt(bytes, payload), portAt(bytes, payload + 2)];
    // Where nobody is told of all at once, each node is sent marks.
    if (to === DISCARD && isMark(bytes.subarray(payload + UDP_HEADER_BYTES, end))) return false;
    if (this.#own.has(destination)) this.#spoken.add(`${source}:${from} ${to}`);
    return isOwn && !this.#spoken.has(`${destination}:${to} ${from}`);
  }

  #isOutside(destination: number): boolean {
    if (destination === LIMITED_BROADCAST) return false;
    const place = placeOf(formatAddress(destination));
    return !this.#inside.some((range) => contains(range, place));
  }
}

const portAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
