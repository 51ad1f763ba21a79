/** What the audit must know of an IPv6 packet (RFC 8200, RFC 4443, RFC 4861). */
export type Ipv6Packet =
  | { readonly kind: 'tcp'; readonly sourcePort: number }
  | { readonly kind: 'tcp-fragment' }
  | { readonly kind: 'icmp-error'; readonly type: number }
  | { readonly kind: 'neighbour-solicitation'; readonly target: string };

const HEADER_BYTES = 40;
const SOURCE = 8;
const ADDRESS_BYTES = 16;
const TCP = 6;
const FRAGMENT = 44;
const ICMPV6 = 58;
/** Hop-by-hop, routing and destination options: next header, and a length in units of 8 bytes beyond the first. */
const OPTIONS = new Set([0, 43, 60]);
const ERROR_TYPE_MAX = 4;
const NEIGHBOUR_SOLICITATION = 135;

/** @param view begins with the IPv6 header. Undefined when the packet is none of these, or is cut off. */
export function readIpv6(view: DataView): Ipv6Packet | undefined {
  if (view.byteLength < HEADER_BYTES) return undefined;
  let next = view.getUint8(6);
  let at = HEADER_BYTES;
  while (OPTIONS.has(next) && at + 2 <= view.byteLength) {
    next = view.getUint8(at);
    at += 8 + 8 * view.getUint8(at + 1);
  }
  if (next === FRAGMENT && at < view.byteLength)
    return view.getUint8(at) === TCP ? { kind: 'tcp-fragment' } : undefined;
  if (next === TCP && at + 2 <= view.byteLength) return { kind: 'tcp', sourcePort: view.getUint16(at) };
  if (next !== ICMPV6 || at + 1 > view.byteLength) return undefined;
  const type = view.getUint8(at);
  if (type >= 1 && type <= ERROR_TYPE_MAX) return { kind: 'icmp-error', type };
  const target = at + 8;
  // Who asks without an address of its own only makes sure that nobody else has it (RFC 4862, section 5.4.2).
  if (type !== NEIGHBOUR_SOLICITATION || isUnspecified(view) || target + ADDRESS_BYTES > view.byteLength)
    return undefined;
  return { kind: 'neighbour-solicitation', target: formatIpv6(view, target) };
}

function isUnspecified(view: DataView): boolean {
  return view.getBigUint64(SOURCE) === 0n && view.getBigUint64(SOURCE + 8) === 0n;
}

function formatIpv6(view: DataView, at: number): string {
  return Array.from({ length: 8 }, (_, group) => view.getUint16(at + 2 * group).toString(16)).join(':');
}
