/** Capture of one family on one device, or on all: a packet socket, drained in batches, and opened again when the device went away. */
import type { Kernel } from '../kernel/kernel';
import type { Family } from '../wire/address/address';
import { PacketSocket, PacketSocketError, type PacketTotals } from '../kernel/packets/packet-socket';
import type { DatagramListener, ReceiveBatch } from '../kernel/packets/receive-batch';

/** Then the event loop has its turn: timers and replies must not starve. */
const BATCHES_PER_TURN = 16;
/** The kernel makes it as small as it can. */
const NO_ROOM_BYTES = 1;

export interface DeviceEvents {
  /** Another batch was received. */
  begin(): void;
  readonly take: DatagramListener;
  /** What waited was read, or as much of it as a turn may take. */
  turned(): void;
  /** The device cannot be captured on at present. @param reason an errno name */
  lost(device: string, reason: string): void;
  found(device: string): void;
}

export interface DeviceOptions {
  readonly family: Family;
  /** A classic BPF program. */
  readonly filter: () => Uint8Array;
  /** The same for packets that are counted, and not captured; undefined while there are none. */
  readonly counted: () => Uint8Array | undefined;
  /** What may wait to be read. */
  readonly buffer_bytes: number;
  /** The device is to hear what is for other machines, too. */
  readonly promiscuous: boolean;
  /** The kernel tells when each packet came. */
  readonly stamped: boolean;
  /** What goes out is captured as well. */
  readonly bothWays?: boolean;
  readonly isUp: (device: string) => boolean | undefined;
}

export class DeviceCapture {
  #socket: PacketSocket | undefined;
  /** It is never read, and has room for nothing: the kernel counts what its filter lets in. */
  #counter: PacketSocket | undefined;
  #stopWatching: () => void = () => undefined;
  /** By sockets that are closed. */
  #before: PacketTotals = { letIn: 0, dropped: 0 };
  #countedBefore = 0;
  /** Nothing waited at the end of the last turn, and the filter was not changed since. */
  #isCaughtUp = false;
  #read = 0;

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

  /** Packets that were let in, and those of them that found no room in the kernel. */
  totals(): PacketTotals {
    const { letIn, dropped } = this.#socket?.totals() ?? { letIn: 0, dropped: 0 };
    return { letIn: this.#before.letIn + letIn, dropped: this.#before.dropped + dropped };
  }

  /** Packets that were read. */
  get readTotal(): number {
    return this.#read;
  }

  /** Packets that were counted only. */
  countedTotal(): number {
    return this.#countedBefore + (this.#counter?.totals().letIn ?? 0);
  }

  /** How much of the room for packets is taken by those that wait, 0 to 1. */
  fill(): number {
    return this.#isCaughtUp ? 0 : (this.#socket?.fill() ?? 0);
  }

  /** Nothing waits that an earlier filter let in. */
  isCaughtUp(): boolean {
    this.#isCaughtUp ||= this.fill() === 0;
    return this.#isCaughtUp;
  }

  /**
   * The filters are others now. This program may be stopped for a while between the two: then a packet is rather counted and
   * captured than neither.
   */
  refilter(countsMore: boolean): void {
    this.#isCaughtUp = false;
    if (countsMore) this.#count();
    this.#trying(() => this.#socket?.filter(this.options.filter()));
    if (!countsMore) this.#count();
  }

  /** To be called when something happened to a device of this machine. */
  attend(): void {
    const { device } = this;
    if (this.#socket || device === undefined || !this.options.isUp(device)) return;
    this.#trying(() => {
      this.#open();
      this.events.found(device);
    });
  }

  close(): void {
    this.#stopWatching();
    this.#stopWatching = () => undefined;
    this.#before = this.totals();
    this.#socket?.close();
    this.#socket = undefined;
    this.#stopCounting();
  }

  #open(): void {
    const { family, filter, ...options } = this.options;
    const socket = new PacketSocket(this.kernel, this.device, family, { ...options, filter: filter() });
    this.#socket = socket;
    this.#isCaughtUp = false;
    this.#stopWatching = this.kernel.watchReadable(socket.descriptor, () => this.#drain(socket));
    this.#count();
  }

  #count(): void {
    const filter = this.options.counted();
    if (!filter || !this.#socket) this.#stopCounting();
    else if (this.#counter) this.#trying(() => this.#counter?.filter(filter));
    else
      this.#trying(
        () =>
          (this.#counter = new PacketSocket(this.kernel, this.device, this.options.family, {
            filter,
            buffer_bytes: NO_ROOM_BYTES,
          })),
      );
  }

  #stopCounting(): void {
    this.#countedBefore = this.countedTotal();
    this.#counter?.close();
    this.#counter = undefined;
  }

  /** @returns how many packets came */
  #drain(socket: PacketSocket): number {
    let came = 0;
    this.#isCaughtUp = false;
    for (let turn = 0; turn < BATCHES_PER_TURN; turn += 1) {
      this.events.begin();
      const received = this.batch.receive(socket.descriptor, this.events.take);
      if (received < 0) {
        this.#lost(this.kernel.errno());
        return came;
      }
      came += received;
      this.#read += received;
      if (received < this.batch.count) {
        this.#isCaughtUp = true;
        break;
      }
    }
    this.events.turned();
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

  /** A device that goes away meanwhile is told of when it is read. */
  #trying(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof PacketSocketError)) throw error;
    }
  }
}
