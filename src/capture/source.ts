/** Where client segments come from. */
import type { LocalAddresses } from '../kernel/local-addresses';
import type { LocalPrefix } from '../kernel/local-routes';
import type { SegmentFault, SegmentView } from '../wire/segment';

/** Why a captured frame was not handed on. */
export type CaptureReject =
  | SegmentFault
  | 'not-ipv4'
  /** The frame is longer than what was captured of it. */
  | 'frame-truncated'
  /** Sent by this machine itself: its copy's answers would reach our own kernel. */
  | 'local-client'
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

export interface CaptureSource {
  /** What is captured where, for the log. */
  readonly description: string;
  /** Of this machine, as they are at present. */
  readonly addresses: LocalAddresses;
  readonly counters: Readonly<CaptureCounters>;
  close(): void;
}

/** Takes a segment; the view and its bytes are borrowed for the call. */
export type SegmentListener = (view: SegmentView) => void;

export interface CaptureEvents {
  readonly segment: SegmentListener;
  /** A device has nothing to capture any more; it is captured on again as soon as it has. @param reason an errno name */
  lost(device: string, reason: string): void;
  found(device: string): void;
  /** Addresses of this machine came and went. */
  changed?(came: readonly LocalPrefix[], gone: readonly LocalPrefix[]): void;
}
