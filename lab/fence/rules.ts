/**
 * The rules of a fence, as iptables-restore(8) takes them. It stands where packets leave the network namespace, behind the
 * guard's rule, which is put first: what the copied port says is the guard's affair, and an answer is no call.
 */
import { MARK_PORT } from '../load/mark';
import type { FenceOptions } from './options';
import { CLOSED_PORT, DNS_PORT, DOCKERS_RESOLVER, FENCE_PORT } from './place';

const LOOPBACK = '127.0.0.0/8';

/** Of IPv4: names are led to the fence, whoever is asked for them; calls are logged, and refused. */
export function rulesFor({ inside: all, copied, marks: allMarks = [] }: FenceOptions): string {
  const [inside, marks] = [all, allMarks].map((addresses) => addresses.filter((one) => !isOfIpv6(one)));
  const resolver = `127.0.0.1:${FENCE_PORT}`;
  const protocols = ['udp', 'tcp'] as const;
  return [
    '*nat',
    ':LAB_NAMES - [0:0]',
    // In front of Docker's own rule for its resolver.
    ...protocols.map((protocol) => `-I OUTPUT -p ${protocol} --dport ${DNS_PORT} -j LAB_NAMES`),
    ...protocols.map(
      (protocol) => `-A LAB_NAMES -d ${DOCKERS_RESOLVER} -p ${protocol} -j DNAT --to-destination ${resolver}`,
    ),
    ...[LOOPBACK, ...inside!].map((range) => `-A LAB_NAMES -d ${range} -j RETURN`),
    `-A LAB_NAMES -j NFLOG --nflog-group ${FENCE_PORT} --nflog-threshold 1`,
    ...protocols.map((protocol) => `-A LAB_NAMES -p ${protocol} -j DNAT --to-destination ${resolver}`),
    ...(copied === undefined ? [] : callsToSamePort(copied, inside!)),
    'COMMIT',
    '*filter',
    ':LAB_FENCE - [0:0]',
    '-A OUTPUT -j LAB_FENCE',
    ...[LOOPBACK, ...inside!].map((range) => `-A LAB_FENCE -d ${range} -j RETURN`),
    ...(copied === undefined ? [] : [`-A LAB_FENCE -p tcp --sport ${copied} -j RETURN`]),
    ...marks!.map((mark) => `-A LAB_FENCE -d ${mark} -p udp --dport ${MARK_PORT} -j RETURN`),
    '-A LAB_FENCE -p icmp ! --icmp-type echo-request -j RETURN',
    ...refusal(),
    'COMMIT',
    '',
  ].join('\n');
}

/** Of IPv6, by which names lead nowhere. */
export const rulesOfIpv6 = ({ inside, marks = [] }: Pick<FenceOptions, 'inside' | 'marks'>): string =>
  [
    '*filter',
    ':LAB_FENCE - [0:0]',
    '-A OUTPUT -j LAB_FENCE',
    ...['::1/128', ...inside.filter(isOfIpv6)].map((range) => `-A LAB_FENCE -d ${range} -j RETURN`),
    ...marks.filter(isOfIpv6).map((mark) => `-A LAB_FENCE -d ${mark} -p udp --dport ${MARK_PORT} -j RETURN`),
    '-A LAB_FENCE -p icmpv6 ! --icmpv6-type echo-request -j RETURN',
    ...refusal(),
    'COMMIT',
    '',
  ].join('\n');

/** An address, or a range (CIDR). */
const isOfIpv6 = (text: string): boolean => text.includes(':');

/**
 * Of calls to somebody else's port of the same number. The reset by which they are refused would come from that port, and the guard
 * would take it for a response; so they are led to a port of the loopback where nobody listens.
 */
function callsToSamePort(copied: number, inside: readonly string[]): string[] {
  return [
    ':LAB_CALLS - [0:0]',
    `-A OUTPUT -p tcp --dport ${copied} -j LAB_CALLS`,
    ...[LOOPBACK, ...inside].map((range) => `-A LAB_CALLS -d ${range} -j RETURN`),
    `-A LAB_CALLS -j NFLOG --nflog-group ${FENCE_PORT} --nflog-threshold 1`,
    `-A LAB_CALLS -p tcp -j DNAT --to-destination 127.0.0.1:${CLOSED_PORT}`,
  ];
}

/** Behind what may pass. */
function refusal(): string[] {
  return [
    '-A LAB_FENCE -p tcp ! --syn -j RETURN',
    '-A LAB_FENCE -p udp -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN',
    `-A LAB_FENCE -j NFLOG --nflog-group ${FENCE_PORT} --nflog-threshold 1`,
    '-A LAB_FENCE -p tcp -j REJECT --reject-with tcp-reset',
    '-A LAB_FENCE -j REJECT',
  ];
}
