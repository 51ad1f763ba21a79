/**
 * Live capture on packet sockets, read in batches: the kernel filters, queues tens of thousands of packets while we are
 * late, and a system call fetches many of them. See docs/decisions for why not a memory-mapped ring.
 */
import { openKernel } from '../kernel/libc';
import { ReceiveBatch } from '../kernel/receive-batch';
import { compileEndpointFilter } from '../kernel/socket-filter';
import { DeviceCapture, type DeviceEvents } from './device-capture';
import { CaptureError, devicesFor, ownAddresses, resolvedEndpoints, type CaptureScope } from './devices';
import { Intake } from './intake';
import { localAddresses } from '../kernel/local-addresses';
import type { CaptureEvents, CaptureSource } from './source';

const BATCH = 32;
/** An IPv4 packet is at most 65,535 bytes long. */
const PACKET_MAX_BYTES = 65_536;

export function openRingCapture(scope: CaptureScope, events: CaptureEvents): CaptureSource {
  const kernel = openKernel();
  const local = localAddresses();
  const filter = compileEndpointFilter(resolvedEndpoints(scope, local));
  const devices = devicesFor(scope, local);
  const intake = new Intake(ownAddresses(scope, local), events.segment);
  const batch = new ReceiveBatch(kernel, BATCH, PACKET_MAX_BYTES);
  const captures: DeviceCapture[] = [];
  let losses = 0;
  const close = (): void => {
    for (const capture of captures) capture.close();
    batch.free();
  };
  const deviceEvents: DeviceEvents = {
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
      captures.push(new DeviceCapture(kernel, device, filter, batch, deviceEvents));
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
