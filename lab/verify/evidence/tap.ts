/** A tap: a place where frames are recorded, and what came of it. */

import type { Family } from '../../../src/wire/address/address';
import type { Scene } from './scene';

export type TapPlace = 'client' | 'online' | 'test' | 'assistant' | 'router' | 'bridge' | 'elsewhere';

export interface TapEvidence {
  /** For example `client`, `bridge lan`, `underlay of lan on a`, `router on lan` or `test elsewhere`. */
  readonly name: string;
  readonly place: TapPlace;
  /** Name of the node whose device on the network it taps; undefined on bridges and routers, and on all other devices. */
  readonly node: string | undefined;
  /** Name of the engine whose machine's clock its times are by; undefined where there is one engine. */
  readonly engine?: string | undefined;
  /** That clock less the one that all times are told by, where they differ. */
  readonly ahead_ms?: number | undefined;
  /** Over which marks come by it: those of its network. */
  readonly families: readonly Family[];
  /** A pcap file. */
  readonly capture: Uint8Array;
  /** By its own statement; undefined when it made none, and so says nothing about what it missed. */
  readonly droppedByKernel: number | undefined;
  /** What it wrote when it ended before it was stopped. */
  readonly endedEarly: string | undefined;
  /** Frames by tcpdump's own reading of the file, by the id of what was counted. */
  readonly tcpdumpCounts: Readonly<Record<string, number>>;
}

/** Where responses are, or come to: from there they might leave by a device that nobody thought of. */
export const elsewhereNodes = ({ test, assistants }: Scene): string[] => [
  test.name,
  ...assistants.map(({ name }) => name),
];

export const routerTap = (router: string, network: string): string => `${router} on ${network}`;
export const underlayTap = (network: string, engine: string): string => `underlay of ${network} on ${engine}`;
export const bridgeTap = (network: string): string => `bridge ${network}`;

export const elsewhereTap = (node: string): string => `${node} elsewhere`;
