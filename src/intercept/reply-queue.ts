/** Traditional: intercept runs on the test server, whose responses wait in an NFQUEUE until they are dropped. */
import type { Log } from '../process/log';
import type { Backend } from '../kernel/backend';
import { openVerdictQueue } from '../verdict/open';
import type { Judge, QueueOptions } from '../verdict/queue';
import { checkIpv4, ipv4Destination } from '../wire/ipv4';
import { emptySegmentView, viewSegment, type SegmentFault } from '../wire/segment';
import { ARMED, replyFrom, type ReplyListener, type ReplySource } from './reply-source';

/** @param passlist addresses (host order) that responses are let through to, this machine's own among them */
export function openReplyQueue(
  backend: Backend,
  options: QueueOptions,
  passlist: ReadonlySet<number>,
  listener: ReplyListener,
  log: Log,
): ReplySource {
  const faults: Partial<Record<SegmentFault, number>> = {};
  const queue = openVerdictQueue(backend, options, judgeResponses(passlist, listener, faults));
  if (options.length !== undefined && !queue.lengthIsSet) {
    log.warning('queue length not set', {
      asked: options.length,
      next: `the ${queue.description} leaves the kernel's length of 1024 packets`,
    });
  }
  return {
    description: queue.description,
    get counters() {
      const rejected = Object.entries(faults).map(([fault, count]) => [`responses_rejected_${fault}`, count]);
      return { ...queue.counters, ...(Object.fromEntries(rejected) as Record<string, number>) };
    },
    // While the queue is bound here, nothing that the rule led into it goes on without our verdict.
    guard: () => ARMED,
    close: () => queue.close(),
  };
}

const LOOPBACK_FIRST_BYTE = 127;

/**
 * Everything that is not on the passlist is dropped, whether it is understood or not. What is addressed to this machine
 * itself never leaves it: its own programs may use the server as always.
 */
function judgeResponses(
  passlist: ReadonlySet<number>,
  listener: ReplyListener,
  faults: Partial<Record<SegmentFault, number>>,
): Judge {
  const view = emptySegmentView();
  return (bytes, offset, length) => {
    if (checkIpv4(bytes, offset, length) === undefined) {
      const destination = ipv4Destination(bytes, offset);
      if (passlist.has(destination) || destination >>> 24 === LOOPBACK_FIRST_BYTE) return 'accept';
    }
    const fault = viewSegment(view, bytes, offset, length, 'headers');
    if (fault) faults[fault] = (faults[fault] ?? 0) + 1;
    else listener(replyFrom(view));
    return 'drop';
  };
}
