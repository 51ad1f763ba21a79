/** Capture on one device, or on all: a packet socket, drained in batches, and opened again when the device went away. */
import type { Kernel } from '../kernel/kernel';
import { PacketSocket } from '../kernel/packet-socket';
import type { DatagramListener, ReceiveBatch } from '../kernel/receive-batch';

/** Then the event loop has its turn: timers and replies must not starve. */
const BATCHES_PER_TURN = 16;

export interface DeviceEvents {
  /** Another batch was received. */
  begin(): void;
  readonly take: DatagramListener;
  /** The device cannot be captured on at present. @param reason an errno name */
  lost(device: string, reason: string): void;
  found(device: string): void;
}

export interface DeviceOptions {
  /** A classic BPF program. */
  readonly filter: () => Uint8Array;
  /** What may wait to be read. */
  readonly buffer_bytes: number;
  readonly isUp: (device: string) => boolean | undefined;
}

export class DeviceCapture {
  #socket: PacketSocket | undefined;
  #stopWatching: () => void = () => undefined;
  /** By sockets that are closed. */
  #dropped = 0;

  /**
   * @param device undefined for all
   * @throws PacketSocketError when it cannot be captured on
   */
  constructor(
    private readonly kernel: Kernel,
    private readonly device: string | undefined,
    private readonly options: DeviceOptions,
    private readonly batch: ReceiveBatch,
    private readonly events: DeviceEvents,
  ) {
    this.#open();
  }

  /** Packets that found no room in the kernel. */
  droppedTotal(): number {
    return this.#dropped + (this.#socket?.droppedTotal() ?? 0);
  }

  /** To be called when something happened to a device of this machine. */
  attend(): void {
    const { device } = this;
    if (this.#socket || device === undefined || !this.options.isUp(device)) return;
    try {
      this.#open();
      this.events.found(device);
    } catch {
      // It is gone again; that it comes will be told.
    }
  }

  close(): void {
    this.#stopWatching();
    this.#stopWatching = () => undefined;
    this.#dropped = this.droppedTotal();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #open(): void {
    const { filter, buffer_bytes } = this.options;
    const socket = new PacketSocket(this.kernel, this.device, filter(), buffer_bytes);
    this.#socket = socket;
    this.#stopWatching = this.kernel.watchReadable(socket.descriptor, () => this.#drain(socket));
  }

  /** @returns how many packets came */
  #drain(socket: PacketSocket): number {
    let came = 0;
    for (let turn = 0; turn < BATCHES_PER_TURN; turn += 1) {
      this.events.begin();
      const received = this.batch.receive(socket.descriptor, this.events.take);
      if (received < 0) {
        this.#lost(this.kernel.errno());
        return came;
      }
      came += received;
      if (received < this.batch.count) break;
    }
    return came;
  }

  #lost(reason: string): void {
    // Of all devices together none can be lost: the kernel has no more to say than that one error.
    if (this.device === undefined) return;
    this.close();
    this.events.lost(this.device, reason);
    // It may be up again already.
    this.attend();
  }
}
