/** What the candidates are compared under. */
import { playAb } from '../tools/ab';
import { askClient } from '../tools/ask-client';
import type { Play } from '../tools/play';
import { playRedis } from '../tools/redis-benchmark';
import { runClient } from '../tools/run-client';
import type { CostKind } from '../candidates/topology';

export interface CostLoad {
  /** What it is called on the command line. */
  readonly id: string;
  readonly title: string;
  readonly kind: CostKind;
  /** What is promised of it; loads of the same shape have the same. */
  readonly shape: 'keep-alive' | 'short' | 'fixed-rate' | 'other';
  readonly play: Play;
  /** The same for some tenths of a second, where it can be cut so short. */
  readonly slice?: Play;
}

export type SlicedLoad = CostLoad & Required<Pick<CostLoad, 'slice'>>;

export const isSliced = (load: CostLoad): load is SlicedLoad => load.slice !== undefined;

const MEGABYTE = 1_000_000;
const BODY_FILE = '/tmp/body';
const TIMEOUT_MARGIN_MS = 120_000;

/** A slice is the twentieth part. */
const SLICES = 20;

const keepAlive = (connections: number, requests: number): CostLoad => ({
  id: `keep-alive-${connections}`,
  title: `keep-alive, ${connections} connections`,
  kind: 'http',
  shape: 'keep-alive',
  play: playAb({ keepAlive: true, connections, requests }),
  slice: playAb({ keepAlive: true, connections, requests: requests / SLICES }),
});

const short = (connections: number, requests: number): CostLoad => ({
  id: `short-${connections}`,
  title: `a connection for each request, ${connections} at a time`,
  kind: 'http',
  shape: 'short',
  play: playAb({ keepAlive: false, connections, requests }),
  slice: playAb({ keepAlive: false, connections, requests: requests / SLICES }),
});

/** @param requests each with a body of 1 MB */
const uploads =
  (requests: number): Play =>
  async (stage, tag) => {
    const make = `[ -e ${BODY_FILE} ] || head -c ${MEGABYTE} /dev/urandom >${BODY_FILE}`;
    await runClient(stage, ['sh', '-c', make], TIMEOUT_MARGIN_MS);
    return playAb({ keepAlive: true, connections: 4, requests, bodyFile: BODY_FILE })(stage, tag);
  };

const downloads = (requests: number): Play =>
  playAb({ keepAlive: true, connections: 4, requests, path: 'bytes/1m?' });

const redis = (commands: number): Play =>
  playRedis({ connections: 50, pipelined: 16, commands, kinds: ['set', 'get'] });

/** @param rate requests a second */
const paced =
  (connections: number, rate: number, duration_ms: number): Play =>
  (stage, tag) => {
    const task = { kind: 'paced', connections, rate, duration_ms } as const;
    return askClient(stage, tag, task, duration_ms + TIMEOUT_MARGIN_MS);
  };

export const costLoads: readonly CostLoad[] = [
  keepAlive(10, 40_000),
  keepAlive(100, 40_000),
  short(10, 10_000),
  short(100, 10_000),
  {
    id: 'fixed-rate',
    title: 'keep-alive, 50 connections, 2,000 requests a second',
    kind: 'http',
    shape: 'fixed-rate',
    play: paced(50, 2_000, 5_000),
    slice: paced(50, 2_000, 500),
  },
  {
    id: 'slow-rate',
    title: 'keep-alive, 50 connections, 500 requests a second',
    kind: 'http',
    shape: 'other',
    play: paced(50, 500, 8_000),
    slice: paced(50, 500, 1_000),
  },
  {
    id: 'uploads-1m',
    title: 'uploads of 1 MB, 4 at a time',
    kind: 'http',
    shape: 'other',
    play: uploads(100),
    slice: uploads(8),
  },
  {
    id: 'downloads-1m',
    title: 'downloads of 1 MB, 4 at a time',
    kind: 'http',
    shape: 'other',
    play: downloads(400),
    slice: downloads(20),
  },
  {
    id: 'open-10k',
    title: '10,000 open connections, 1,000 requests a second',
    kind: 'http',
    shape: 'other',
    play: paced(10_000, 1_000, 10_000),
  },
  {
    id: 'redis',
    title: 'Redis, 16 commands in a write, 50 connections',
    kind: 'redis',
    shape: 'other',
    play: redis(100_000),
    slice: redis(5_000),
  },
];

const warm = { id: 'warm', title: 'warming up', shape: 'other' } as const;

/** Played first: the first seconds of a program's life are spent on compiling it, and the servers' caches are cold. */
export const warmLoads: Readonly<Record<CostKind, readonly CostLoad[]>> = {
  http: [
    { ...warm, kind: 'http', play: playAb({ keepAlive: true, connections: 10, requests: 150_000 }) },
    { ...warm, kind: 'http', play: playAb({ keepAlive: false, connections: 10, requests: 10_000 }) },
  ],
  redis: [
    {
      ...warm,
      kind: 'redis',
      play: redis(50_000),
    },
  ],
};
