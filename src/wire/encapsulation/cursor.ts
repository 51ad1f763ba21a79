/** Where a walk through the headers of a frame stands. */

/** Moved on by each header; the bytes are borrowed. */
export interface Cursor {
  bytes: Uint8Array;
  /** Where the next header begins. */
  at: number;
  /** Behind the last captured byte of what it stands in. */
  end: number;
  /** Behind the last byte of that on the wire: beyond `end` where the capture is cut off. */
  wireEnd: number;
  /** What the next header is: an EtherType. */
  type: number;
  /** What was taken off so far: a bit for each of `ENCAPSULATIONS`. */
  unwrapped: number;
  /** What stands there instead of TCP, for people. */
  what: string;
}

/** EtherTypes (IEEE 802 numbers, IANA) of headers that have something behind them. */
export const ETHERTYPE = {
  ipv4: 0x0800,
  vlan: 0x8100, //           802.1Q
  vlanOfProvider: 0x88a8, // 802.1ad
  vlanOfOld: 0x9100, //      before 802.1ad
  ethernet: 0x6558, //       a whole Ethernet frame ("transparent Ethernet bridging")
  ppp: 0x880b,
  pppoeSession: 0x8864,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  providerBackbone: 0x88e7, // 802.1ah
  ipv6: 0x86dd,
} as const;

/** What can be taken off. The place in the list is the bit in `unwrapped`. */
export const ENCAPSULATIONS = [
  '802.1Q',
  '802.1ah',
  'MPLS',
  'PPPoE',
  'PPP',
  'GRE',
  'ERSPAN',
  'VXLAN',
  'GENEVE',
  'IP-in-IP',
  'EtherIP',
] as const;
export type Encapsulation = (typeof ENCAPSULATIONS)[number];

const BITS = Object.fromEntries(ENCAPSULATIONS.map((name, place) => [name, 1 << place])) as Readonly<
  Record<Encapsulation, number>
>;

/** The names in `unwrapped`, in the order of the list. */
export const namesIn = (unwrapped: number): Encapsulation[] =>
  ENCAPSULATIONS.filter((name) => unwrapped & BITS[name]);

/** Why a walk ends without TCP. */
export type WalkFault =
  /** A header is not all there. */
  | 'encapsulation-truncated'
  /** An encapsulation that is not taken off: `what` names it. */
  | 'encapsulation-unsupported'
  /** More headers in one another than anybody needs. */
  | 'encapsulation-too-deep'
  /** No IP packet. */
  | 'not-ip'
  /** IP, but not TCP. */
  | 'not-tcp';

export const emptyCursor = (): Cursor => ({
  bytes: new Uint8Array(0),
  at: 0,
  end: 0,
  wireEnd: 0,
  type: 0,
  unwrapped: 0,
  what: '',
});

export const lacks = (cursor: Cursor, bytes: number): boolean => cursor.at + bytes > cursor.end;

/** Passes a header of so many bytes, behind which a `type` stands. */
export function pass(cursor: Cursor, bytes: number, type: number): void {
  cursor.at += bytes;
  cursor.type = type;
}

/** The same, of an encapsulation. @returns why it cannot be passed, or undefined */
export function takeOff(
  cursor: Cursor,
  encapsulation: Encapsulation,
  bytes: number,
  type: number,
): WalkFault | undefined {
  if (lacks(cursor, bytes)) return truncated(cursor, encapsulation);
  cursor.unwrapped |= BITS[encapsulation];
  pass(cursor, bytes, type);
  return undefined;
}

/** What it stands in is so long; what follows is padding. */
export function narrow(cursor: Cursor, bytes: number): void {
  cursor.wireEnd = cursor.at + bytes;
  cursor.end = Math.min(cursor.end, cursor.wireEnd);
}

export function truncated(cursor: Cursor, what: string): WalkFault {
  cursor.what = what;
  return 'encapsulation-truncated';
}

export function unsupported(cursor: Cursor, what: string): WalkFault {
  cursor.what = what;
  return 'encapsulation-unsupported';
}
