/**
 * The queue on the package `nfqueue`. It copies whole packets, cannot be closed (the kernel unbinds it when the process
 * ends) and cannot set the queue's length; a verdict is one system call.
 */
import { performance } from 'node:perf_hooks';
import { loadOptionalPackage } from '../kernel/optional-package';
import { QueueError, type Judge, type QueueCounters, type VerdictQueue } from './queue';

/** Netlink receive buffer: what may wait while the process is busy. */
const BUFFER_BYTES = 8 * 1024 * 1024;

interface QueuedPacket {
  readonly payload: Uint8Array;
  setVerdict(verdict: number): void;
}

interface NfqueuePackage {
  readonly NF_DROP: number;
  readonly NF_ACCEPT: number;
  createQueueHandler(queue: number, bufferSize: number, listener: (packet: QueuedPacket) => void): unknown;
}

export function openNfqueue(number: number, judge: Judge): VerdictQueue {
  const nfqueue = loadOptionalPackage('nfqueue', 'libnetfilter-queue-dev') as NfqueuePackage;
  const counters: QueueCounters = { packets: 0, accepted: 0, dropped: 0, faults: 0 };
  const listener = (packet: QueuedPacket): void => {
    counters.packets += 1;
    let verdict = nfqueue.NF_DROP;
    try {
      if (judge(packet.payload, 0, packet.payload.length, performance.now()) === 'accept')
        verdict = nfqueue.NF_ACCEPT;
    } catch {
      counters.faults += 1; // an exception in this call would end the process inside the package
    }
    if (verdict === nfqueue.NF_ACCEPT) counters.accepted += 1;
    else counters.dropped += 1;
    packet.setVerdict(verdict);
  };
  try {
    nfqueue.createQueueHandler(number, BUFFER_BYTES, listener);
  } catch (cause) {
    throw new QueueError(number, (cause as Error).message, { cause });
  }
  return {
    description: `NFQUEUE ${number} (package nfqueue)`,
    counters,
    lengthIsSet: false,
    close: () => undefined,
  };
}
