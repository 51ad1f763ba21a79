/** The verdict on each response of the test server: on whom it is let through to, and who is told of it. */
import type { LettingThrough } from '../passlist/passlist';
import type { Judge } from '../verdict/queue';
import { isLoopback } from '../wire/flow';
import {
  checkIpv4,
  IP_PROTOCOL_TCP,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
} from '../wire/ipv4';
import { emptySegmentView, viewSegment, type SegmentFault, type SegmentView } from '../wire/segment';
import { TCP_PORTS_BYTES, tcpDestinationPort } from '../wire/tcp';
import { replyFrom, type ReplyEvents } from './reply-source';

/**
 * Everything that is not on the passlist is dropped, whether it is understood or not. What is addressed to this machine
 * itself never leaves it: its own programs may use the server as always.
 */
export function judgeResponses(
  passlist: LettingThrough,
  isCanary: (view: SegmentView) => boolean,
  events: Pick<ReplyEvents, 'replied'>,
  faults: Partial<Record<SegmentFault, number>>,
): Judge {
  const view = emptySegmentView();
  return (bytes, offset, length) => {
    if (checkIpv4(bytes, offset, length) === undefined) {
      const destination = ipv4Destination(bytes, offset);
      if (isLoopback(destination)) return 'accept';
      if (passlist.has(destination) && isPassed(passlist, destination, bytes, offset, length))
        return 'accept';
    }
    const fault = viewSegment(view, bytes, offset, length, 'headers');
    if (fault) faults[fault] = (faults[fault] ?? 0) + 1;
    else if (!isCanary(view)) events.replied(replyFrom(view));
    return 'drop';
  };
}

/** Whether a whole IPv4 header to an address on the passlist leads to a port of it that is no copy's. */
function isPassed(
  passlist: LettingThrough,
  destination: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (ipv4Protocol(bytes, offset) !== IP_PROTOCOL_TCP) return true;
  // The first fragment has the ports (RFC 1858), and without it the others are nothing.
  if (ipv4FragmentOffset(bytes, offset) > 0) return true;
  const at = ipv4HeaderLength(bytes, offset);
  return (
    at + TCP_PORTS_BYTES <= length && passlist.passes(destination, tcpDestinationPort(bytes, offset + at))
  );
}
