/** Where client segments come from. */
import type { PacketTotals } from '../kernel/packets/packet-socket';
import type { LocalAddresses } from '../kernel/netlink/local-addresses';
import type { LocalPrefix } from '../kernel/netlink/local-routes';
import type { BucketStates } from '../wire/tables/bucket';
import type { SegmentFault, SegmentView } from '../wire/segment';

/** Why a captured frame was not handed on. */
export type CaptureReject =
  | SegmentFault
  | 'not-ip'
  /** The frame is longer than what was captured of it. */
  | 'frame-truncated'
  /** Sent by this machine itself: its copy's answers would reach our own kernel. */
  | 'local-client'
  /** Its address means something on its own link only: the test server cannot answer to it. */
  | 'link-local-client'
  /** Not addressed to this machine; or, where what others are sent is captured, addressed to it. */
  | 'other-destination';

export type CaptureCounters = {
  frames: number;
  segments: number;
  /** Packets that the kernel had no room for; a backend that cannot know leaves it out. */
  kernel_dropped?: number;
  /** How often a device went away. */
  device_lost?: number;
} & Partial<Record<`rejected_${CaptureReject}`, number>>;

/** What waits in the kernel to be read, and what it lets in. */
export interface KernelQueue {
  /** How much of the room for packets is taken, 0 to 1; of several devices, of the fullest. */
  fill(): number;
  /** Packets that were let in, and those of them that found no room. */
  totals(): PacketTotals;
  /** Packets that were read. */
  readonly read: number;
  /** Nothing waits that was let in before `letIn` was called last. */
  isCaughtUp(): boolean;
  /** From now on only what the states of the connections' buckets say is let in. */
  letIn(states: BucketStates): void;
  /** Connections that began, and were not let in, although somebody wants them; one that is begun again counts again. */
  leftOutTotal(): number;
}

export interface CaptureSource {
  /** What is captured where, for the log. */
  readonly description: string;
  /** Of this machine, as they are at present. */
  readonly addresses: LocalAddresses;
  readonly counters: Readonly<CaptureCounters>;
  /** Undefined where the backend cannot know. */
  readonly queue?: KernelQueue;
  close(): void;
}

/**
 * Takes a segment; the view and its bytes are borrowed for the call.
 *
 * @param at_ms when it was captured, by `performance.now`: by the kernel, where its times are asked for, else when it was read
 */
export type SegmentListener = (view: SegmentView, at_ms: number) => void;

export interface CaptureEvents {
  readonly segment: SegmentListener;
  /** What waited in the kernel's queue was handed on, or as much of it as fits into a turn. */
  turned?(): void;
  /** A device has nothing to capture any more; it is captured on again as soon as it has. @param reason an errno name */
  lost(device: string, reason: string): void;
  found(device: string): void;
  /** Addresses of this machine came and went. */
  changed?(came: readonly LocalPrefix[], gone: readonly LocalPrefix[]): void;
}
