/** A tap: a place where frames are recorded, and what came of it. */

export type TapPlace = 'client' | 'online' | 'test' | 'assistant' | 'bridge';

export interface TapEvidence {
  /** For example `client` or `bridge lan`. */
  readonly name: string;
  readonly place: TapPlace;
  /** Name of the node it stands in; undefined on the bridge. */
  readonly node: string | undefined;
  /** A pcap file. */
  readonly capture: Uint8Array;
  /** By its own statement; undefined when it made none, and so says nothing about what it missed. */
  readonly droppedByKernel: number | undefined;
  /** What it wrote when it ended before it was stopped. */
  readonly endedEarly: string | undefined;
  /** Frames by tcpdump's own reading of the file, by the id of what was counted. */
  readonly tcpdumpCounts: Readonly<Record<string, number>>;
}
