/** Capture on one device: its packet socket, drained in batches, and opened again when the device went away. */
import type { Kernel } from '../kernel/kernel';
import { PacketSocket } from '../kernel/packet-socket';
import type { DatagramListener, ReceiveBatch } from '../kernel/receive-batch';

/** Then the event loop has its turn: timers and replies must not starve. */
const BATCHES_PER_TURN = 16;
const REOPEN_EVERY_MS = 1000;

export interface DeviceEvents {
  /** Another batch was received. */
  begin(): void;
  readonly take: DatagramListener;
  /** The device cannot be captured on at present. @param reason an errno name, or what opening it said */
  lost(device: string, reason: string): void;
  found(device: string): void;
}

export interface DeviceOptions {
  /** A classic BPF program. */
  readonly filter: Uint8Array;
  /** What may wait to be read. */
  readonly buffer_bytes: number;
}

export class DeviceCapture {
  #socket: PacketSocket | undefined;
  #stopWatching: () => void = () => undefined;
  #reopen: NodeJS.Timeout | undefined;
  /** By sockets that are closed. */
  #dropped = 0;

  /** @throws PacketSocketError when the device cannot be captured on */
  constructor(
    private readonly kernel: Kernel,
    readonly device: string,
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

  close(): void {
    clearTimeout(this.#reopen);
    this.#closeSocket();
  }

  #open(): void {
    const { filter, buffer_bytes } = this.options;
    const socket = new PacketSocket(this.kernel, this.device, filter, buffer_bytes);
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
    this.#closeSocket();
    this.events.lost(this.device, reason);
    this.#retry();
  }

  #retry(): void {
    this.#reopen = setTimeout(() => {
      try {
        this.#open();
        this.events.found(this.device);
      } catch {
        this.#retry();
      }
    }, REOPEN_EVERY_MS);
  }

  #closeSocket(): void {
    this.#stopWatching();
    this.#stopWatching = () => undefined;
    this.#dropped = this.droppedTotal();
    this.#socket?.close();
    this.#socket = undefined;
  }
}
