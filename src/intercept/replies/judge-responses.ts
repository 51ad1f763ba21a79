/** The verdict on each response of the test server: on whom it is let through to, and who is told of it. */
import type { LettingThrough } from '../../passlist/passlist';
import type { Judge } from '../../verdict/queue';
import { isLoopback, type Address } from '../../wire/address/address';
import { destinationOf, tcpOffsetIn } from '../../wire/ip/ip';
import { emptyReplyView } from '../../wire/reply';
import { emptySegmentView, viewSegment, type SegmentFault, type SegmentView } from '../../wire/segment';
import { TCP_PORTS_BYTES, tcpDestinationPort } from '../../wire/tcp';
import { fillReply, saysSomething, type ReplyEvents } from './reply-source';

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
  const reply = emptyReplyView();
  return (bytes, offset, length, at_ms) => {
    const destination = destinationOf(bytes, offset, length);
    if (destination !== undefined) {
      if (isLoopback(destination)) return 'accept';
      if (passlist.has(destination) && isPassed(passlist, destination, bytes, offset, length))
        return 'accept';
    }
    const fault = viewSegment(view, bytes, offset, length, 'headers');
    if (fault) faults[fault] = (faults[fault] ?? 0) + 1;
    else if (!isCanary(view) && events.replied(fillReply(reply, view, at_ms)) && saysSomething(view))
      return 'compare';
    return 'drop';
  };
}

/** Whether what is for an address on the passlist leads to a port of it that is no copy's. */
function isPassed(
  passlist: LettingThrough,
  destination: Address,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const at = tcpOffsetIn(bytes, offset, length);
  // The first fragment has the ports (RFC 1858), and without it the others are nothing.
  if (at === 'none') return true;
  if (at === 'cut' || at + TCP_PORTS_BYTES > offset + length) return false;
  return passlist.passes(destination, tcpDestinationPort(bytes, at));
}
