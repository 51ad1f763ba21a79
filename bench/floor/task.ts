/** What the sending program can be asked to do, and what it tells afterwards. The task is its only argument, as JSON. */

export type SenderTask = FramesTask | EngineTask;

interface Amount {
  /** Sent before anything is measured. */
  readonly warm: number;
  readonly packets: number;
}

/** Sends ready-made packets, as the C program does. */
export interface FramesTask extends Amount {
  readonly kind: 'frames';
  readonly io: 'ring' | 'packages';
  /** Holds Ethernet frames with IPv4 in them, all of the same length. */
  readonly file: string;
  readonly frame_bytes: number;
}

/** Has the engine make of made-up clients' segments what it sends. */
export interface EngineTask extends Amount {
  readonly kind: 'engine';
  /** `none` does everything else. */
  readonly io: 'ring' | 'none';
  readonly payload_bytes: number;
  /** Host order. */
  readonly clientAddress: number;
  readonly testAddress: number;
  readonly testPort: number;
}

export interface SenderReport {
  /** Without the warming up. */
  readonly cpu_us: number;
  readonly packets: number;
  /** With the warming up. */
  readonly total: number;
}
