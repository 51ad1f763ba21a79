/** Frames as they are shown, and two worlds of them side by side. */

/**
 * What a frame is to the copy. `request` and `answer` travel between a client and the online server; `copy` is what
 * tcpcopy sends to the test server, `response` what that one would say to the client; a `canary` proves the guard.
 */
export type FrameKind = 'request' | 'answer' | 'copy' | 'response' | 'canary';

export interface ShownFrame {
  /** Grows with time; unique within one watch. */
  readonly id: number;
  /** Milliseconds since the epoch, exact to a microsecond. */
  readonly at_ms: number;
  readonly kind: FrameKind;
  /** `address:port`. */
  readonly from: string;
  readonly to: string;
  /** As tcpdump has them: `S.`, `P.`, … */
  readonly flags: string;
  /** Of payload. */
  readonly length_bytes: number;
  /** Its first line, where it is text. */
  readonly says?: string;
  /** Name of the online server whose copy it belongs to. */
  readonly copy: string;
}

/** A field of a header. What its name means is known to the page, in the reader's language. */
export interface Field {
  /** For example `ip.ttl`, `tcp.sequence`, `tcp.option.8`. */
  readonly name: string;
  readonly value: string;
  /** Where it stands in the frame's bytes. */
  readonly offset: number;
  readonly length: number;
}

/** A frame with all that is in it, from its IPv4 header on. */
export interface WholeFrame extends ShownFrame {
  readonly fields: readonly Field[];
  /** Bytes in hexadecimal, without spaces. */
  readonly hex: string;
  /** Where the payload begins. */
  readonly payloadOffset: number;
  /** Bytes of the frame that were not kept. */
  readonly missing_bytes: number;
}

/** What a step had to wait for: the last of what it needed. */
export type Cause = 'client-syn' | 'client-words' | 'client-end' | 'test-syn-ack' | 'test-words' | 'test-ack';

export interface Step {
  readonly frame: WholeFrame;
  /** Since the first frame. */
  readonly after_ms: number;
  /** Number of the step that says the same in the other world. */
  readonly twin?: number;
  /** Names of fields that differ from the twin's. */
  readonly rewritten: readonly string[];
  /** Of copies: `step` came last of all that they need; `for_ms` is how long the client's own frame was there before. */
  readonly waitedFor?: { readonly cause: Cause; readonly step: number; readonly for_ms: number };
}

/** One client's connection and its copy, frame by frame. */
export interface Exchange {
  readonly copy: string;
  /** `address:port`. */
  readonly client: string;
  readonly steps: readonly Step[];
  /** Not a single response left the test server. */
  readonly caught: boolean;
}

export interface ShownLeak {
  readonly at_ms: number;
  readonly copy: string;
  readonly tap: string;
  readonly name: string;
  readonly to: string;
  /** As tcpdump would print it. */
  readonly text: string;
  readonly frame?: WholeFrame;
}
