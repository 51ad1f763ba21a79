/**
 * The queue that responses are led to whose connection is compared: they are here whole, and dropped. intercept has told tcpcopy of
 * them before; nobody waits for what is done here, and where it is full or nobody listens the kernel drops as well.
 */
import { openKernel } from '../../kernel/kernel';
import { kernelDropped } from '../../verdict/kernel-dropped';
import { timeOf } from '../../verdict/mark';
import { QUEUE_BATCH, QueueSocket } from '../../verdict/queue-socket';
import { emptySegmentView, viewSegment, type SegmentView } from '../../wire/segment';

/** As much as an attribute can hold. */
const COPIED_BYTES = 0xffff - 4;
const LENGTH = 16_384;
/** Then the pipe has its turn. */
const BATCHES_PER_TURN = 4;

export interface ComparedQueue {
  /** Packets that were not read, or not whole. */
  readonly lost: number;
  close(): void;
}

/**
 * @param now_ms of the clock that marks are of
 * @param take is lent the segment; when it came, by that clock
 * @throws NetlinkError where somebody listens to this queue already
 */
export function openComparedQueue(
  number: number,
  now_ms: () => number,
  take: (segment: SegmentView, at_ms: number) => void,
): ComparedQueue {
  const kernel = openKernel();
  const view = emptySegmentView();
  const lostBefore = kernelDropped(number);
  let unread = 0;
  let last = -1;
  const options = { number, length: LENGTH, copied_bytes: COPIED_BYTES };
  const socket = new QueueSocket(kernel, options, (identifier, bytes, offset, length, mark) => {
    last = identifier;
    if (viewSegment(view, bytes, offset, length, 'whole') === undefined) take(view, timeOf(mark, now_ms()));
    else unread += 1;
  });
  const stopWatching = kernel.watchReadable(socket.descriptor, () => {
    let came = 0;
    for (let turn = 0; turn < BATCHES_PER_TURN; turn += 1) {
      const received = socket.receive();
      if (last >= 0) socket.judgeUpTo(last, 'drop');
      last = -1;
      came += Math.max(0, received);
      if (received < QUEUE_BATCH) break;
    }
    return came;
  });
  return {
    get lost() {
      return unread + kernelDropped(number) - lostBefore;
    },
    close() {
      stopWatching();
      socket.close();
    },
  };
}
