/**
 * Live capture on packet sockets, read in batches: the kernel filters, queues tens of thousands of packets while we are
 * late, and a system call fetches many of them. See docs/decisions for why not a memory-mapped ring.
 */
import { openKernel } from '../kernel/libc';
import { PacketSocket } from '../kernel/packet-socket';
import { ReceiveBatch } from '../kernel/receive-batch';
import { compileEndpointFilter } from '../kernel/socket-filter';
import { addressesOf, CaptureError, devicesFor } from './devices';
import type { CapturedEndpoint } from './filter';
import { Intake } from './intake';
import { localAddresses } from '../kernel/local-addresses';
import type { CaptureSource, SegmentListener } from './source';

/** A waiting small packet takes about 1 KiB of this: a second and more at 40,000 packets a second. */
const BUFFER_BYTES = 64 * 1024 * 1024;
const BATCH = 32;
/** An IPv4 packet is at most 65,535 bytes long. */
const PACKET_MAX_BYTES = 65_536;
/** Then the event loop has its turn: timers and replies must not starve. */
const BATCHES_PER_TURN = 16;

export function openRingCapture(
  endpoints: readonly CapturedEndpoint[],
  listener: SegmentListener,
): CaptureSource {
  const kernel = openKernel();
  const local = localAddresses();
  const filter = compileEndpointFilter(
    endpoints.map((endpoint) => ({ addresses: addressesOf(endpoint, local), port: endpoint.port })),
  );
  const devices = devicesFor(endpoints, local);
  const intake = new Intake(new Set(local.map(({ address }) => address)), listener);
  const batch = new ReceiveBatch(kernel, BATCH, PACKET_MAX_BYTES);
  const sockets: PacketSocket[] = [];
  const stops: (() => void)[] = [];
  const close = (): void => {
    for (const stop of stops) stop();
    for (const socket of sockets) socket.close();
    batch.free();
  };
  const take = (bytes: Uint8Array, offset: number, length: number, truncated: boolean): void => {
    if (truncated) intake.reject('frame-truncated');
    else intake.packet(bytes, offset, length);
  };
  for (const device of devices) {
    try {
      const socket = new PacketSocket(kernel, device, filter, BUFFER_BYTES);
      sockets.push(socket);
      const drain = (): void => {
        for (let turn = 0; turn < BATCHES_PER_TURN; turn += 1) {
          if (batch.receive(socket.descriptor, take) < BATCH) return;
        }
      };
      stops.push(kernel.watchReadable(socket.descriptor, drain));
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
      return {
        ...intake.counters,
        kernel_dropped: sockets.reduce((sum, socket) => sum + socket.droppedTotal(), 0),
      };
    },
    close,
  };
}
