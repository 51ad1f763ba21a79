/** What the formats of capture files have in common: a file is taken apart step by step, and a format knows the next. */

/** A packet in a capture file. Its bytes are in the buffer that was decoded, borrowed until more is read into it. */
export interface CapturedPacket {
  readonly kind: 'packet';
  /** Seconds since the epoch; exact to a microsecond. Undefined where the file does not tell it. */
  readonly timestamp: number | undefined;
  /** Where its bytes begin, from the start of the buffer. */
  readonly offset: number;
  /** Bytes in the file. */
  readonly capturedLength: number;
  /** Bytes that were on the wire. */
  readonly originalLength: number;
  /** As pcap numbers them: see `LINKTYPE`. */
  readonly linkType: number;
  /** How far it is from the place that was decoded to the next one. */
  readonly step_bytes: number;
}

/** Why a part of a file cannot be used. */
export type CaptureFaultReason =
  /** It begins with the magic number of no capture format; nothing in it can be used. */
  | 'not-a-capture'
  /** It ends in the middle of a record. */
  | 'file-truncated'
  /** What stands where a record should begin cannot be one; reading goes on where the next one is found. */
  | 'record-damaged'
  /** A record whose lengths contradict each other, though it is known where the next one begins. */
  | 'packet-damaged'
  /** A packet of an interface that the file does not describe. */
  | 'interface-unknown'
  /** More interfaces than any machine has. */
  | 'interfaces-too-many';

/** What a format makes of the bytes at one place. */
export type Step =
  | CapturedPacket
  /** As many bytes must be there before it can tell more. */
  | { readonly kind: 'need'; readonly bytes: number }
  /** Nothing for us; may be longer than what is there. */
  | { readonly kind: 'pass'; readonly step_bytes: number }
  | { readonly kind: 'fault'; readonly reason: CaptureFaultReason; readonly step_bytes: number };

export interface CaptureFormat {
  /**
   * The next step at `at`, where at least one byte is. Reads nothing from `end` on.
   *
   * @param last the file ends at `end`
   */
  step(bytes: Uint8Array, at: number, end: number, last: boolean): Step;
}

/** Larger than any frame (libpcap's own bound); a record that claims more means that the file is damaged there. */
export const PACKET_BYTES_MAX = 0x40000;
/** The longest thing that must be in the buffer at once. */
export const NEED_BYTES_MAX = 0x100000;

export const need = (bytes: number): Step => ({ kind: 'need', bytes });
export const pass = (step_bytes: number): Step => ({ kind: 'pass', step_bytes });
export const fault = (reason: CaptureFaultReason, step_bytes: number): Step => ({
  kind: 'fault',
  reason,
  step_bytes,
});
