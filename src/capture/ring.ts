/**
 * Live capture on packet sockets, read in batches: the kernel filters, queues tens of thousands of packets while we are
 * late, and a system call fetches many of them. See docs/decisions for why not a memory-mapped ring.
 */
import { openKernel } from '../kernel/kernel';
import { ReceiveBatch } from '../kernel/receive-batch';
import { compileFilter } from '../kernel/pcap-filter';
import { onlyIncoming } from '../kernel/socket-filter';
import { DeviceCapture, type DeviceEvents } from './device-capture';
import { CaptureError } from './devices';
import { Intake } from './intake';
import type { CaptureRequest } from './request';
import type { CaptureEvents, CaptureSource } from './source';

const BATCH = 32;

export function openRingCapture(request: CaptureRequest, events: CaptureEvents): CaptureSource {
  const kernel = openKernel();
  const { devices, buffer_bytes } = request;
  const filter = onlyIncoming(request.program ?? compileFilter(request.filter), []);
  const intake = new Intake(request.wanted, events.segment);
  const batch = new ReceiveBatch(kernel, BATCH, request.packetMax_bytes);
  const captures: DeviceCapture[] = [];
  let losses = 0;
  const close = (): void => {
    for (const capture of captures) capture.close();
    batch.free();
  };
  const deviceEvents: DeviceEvents = {
    begin: () => intake.begin(),
    take: (bytes, offset, length, truncated) => {
      if (truncated) intake.reject('frame-truncated');
      else intake.packet(bytes, offset, length);
    },
    lost: (device, reason) => {
      losses += 1;
      events.lost(device, reason);
    },
    found: (device) => events.found(device),
  };
  for (const device of devices) {
    try {
      captures.push(new DeviceCapture(kernel, device, { filter, buffer_bytes }, batch, deviceEvents));
    } catch (cause) {
      close();
      throw new CaptureError(
        `cannot capture on ${device}: ${(cause as Error).message}; capturing needs root, or CAP_NET_RAW and CAP_NET_ADMIN`,
        { cause },
      );
    }
  }
  return {
    description: `${devices.join(', ')} (packet socket)`,
    get counters() {
      const kernel_dropped = captures.reduce((sum, capture) => sum + capture.droppedTotal(), 0);
      return { ...intake.counters, kernel_dropped, device_lost: losses };
    },
    close,
  };
}
