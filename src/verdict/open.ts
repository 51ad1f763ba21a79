/** Chooses the backend of the queue. */
import { openBackend, type Backend } from '../kernel/backend';
import { openNetlinkQueue } from './netlink';
import { openNfqueue } from './nfqueue';
import type { Judge, QueueOptions, VerdictQueue } from './queue';

/** @throws QueueError */
export function openVerdictQueue(backend: Backend, options: QueueOptions, judge: Judge): VerdictQueue {
  return openBackend(
    backend,
    () => openNetlinkQueue(options, judge),
    () => openNfqueue(options.number, judge),
  );
}
