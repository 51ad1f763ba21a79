/** One line a segment, in the form that tcpdump prints. */
import { formatEndpoint } from './flow';
import { ACK, FIN, PSH, RST, SYN, URG } from './tcp';
import type { SegmentView } from './segment';

const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [SYN, 'S'],
  [FIN, 'F'],
  [RST, 'R'],
  [PSH, 'P'],
  [URG, 'U'],
  [ACK, '.'],
];

export const formatFlags = (flags: number): string =>
  FLAG_LETTERS.filter(([bit]) => flags & bit)
    .map(([, letter]) => letter)
    .join('') || 'none';

export function formatSegment(view: SegmentView): string {
  const from = formatEndpoint(view.source, view.sourcePort);
  const to = formatEndpoint(view.destination, view.destinationPort);
  const end = (view.sequence + view.payloadLength) >>> 0;
  const seq = view.payloadLength > 0 ? `${view.sequence}:${end}` : `${view.sequence}`;
  const ack = view.flags & ACK ? `, ack ${view.acknowledgment}` : '';
  return `IP ${from} > ${to}: Flags [${formatFlags(view.flags)}], seq ${seq}${ack}, win ${view.window}, length ${view.payloadLength}`;
}
