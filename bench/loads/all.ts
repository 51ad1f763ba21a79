/** Every load, in the sizes that are measured, and in smaller ones that a test can wait for. */
import { abLoad, redisLoad } from './generators';
import { h2Load } from './h2load';
import type { Load } from './load';
import { lossy } from './lossy';
import { middleLoad } from './middle';
import { fragmentsLoad, idleLoad, pipelinedLoad, resetLoad } from './shapes';
import { downloadLoad, uploadLoad } from './transfers';

export interface FullOptions {
  /** How long the idle connections are idle. */
  readonly idle_ms: number;
}

export function fullLoads({ idle_ms }: FullOptions): Load[] {
  const keepAlive = { keepAlive: true, connections: 10, requests: 20_000 };
  const short = { keepAlive: false, connections: 10, requests: 400 };
  return [
    abLoad({
      ...keepAlive,
      id: 'keep-alive-10',
      title: 'keep-alive, 10 connections, 20,000 requests',
      original: '20,000 / 20,000 / 20,000',
    }),
    abLoad({
      ...short,
      requests: 10_000,
      id: 'short',
      title: 'short connections, 10 at a time, 10,000 requests',
      original: '9,499 / 8,033 / 4,478',
    }),
    abLoad({
      keepAlive: true,
      connections: 100,
      requests: 50_000,
      id: 'keep-alive-100',
      title: 'keep-alive, 100 connections, 50,000 requests',
      original: '50,124 (124 twice) / 50,000 / 543',
    }),
    middleLoad({
      id: 'middle',
      title: 'started in the middle of 50 busy connections, 4 s',
      connections: 50,
      copied_ms: 4_000,
      original: '65 % / 45 % / –',
    }),
    lossy(
      0.01,
      abLoad({
        ...keepAlive,
        id: 'loss-1-keep-alive',
        title: '1 % lost: keep-alive, 20,000',
        original: '1,893 / 19,998 / –',
      }),
    ),
    lossy(
      0.01,
      abLoad({ ...short, id: 'loss-1-short', title: '1 % lost: short, 400', original: '393 / 398 / –' }),
    ),
    lossy(
      0.05,
      abLoad({
        ...keepAlive,
        id: 'loss-5-keep-alive',
        title: '5 % lost: keep-alive, 20,000',
        original: '466 / 9,928 / –',
      }),
    ),
    lossy(
      0.05,
      abLoad({ ...short, id: 'loss-5-short', title: '5 % lost: short, 400', original: '370 / 729 / –' }),
    ),
    uploadLoad({
      id: 'uploads-3m',
      title: 'ten 3 MB uploads',
      uploads: 10,
      megabytes: 3,
      original: '10 / 8 / –',
    }),
    uploadLoad({ id: 'upload-50m', title: 'one 50 MB upload', uploads: 1, megabytes: 50 }),
    downloadLoad({ id: 'download-50m', title: 'one 50 MB download', file: '50m' }),
    pipelinedLoad(
      { id: 'pipelined', title: '200 pipelined requests in 20 writes' },
      { requests: 200, writes: 20 },
    ),
    fragmentsLoad(
      { id: 'fragments', title: 'requests in 4 fragments, 10 ms apart' },
      { connections: 20, requests: 20 },
    ),
    idleLoad(
      { id: 'idle', title: `1,000 connections, idle for ${idle_ms / 1000} s, then a request each` },
      { connections: 1_000, idle_ms },
    ),
    resetLoad({ id: 'reset', title: 'clients that reset half way' }, { connections: 50, requests: 3 }),
    h2Load({
      id: 'h2load',
      title: 'h2load -n 20000 -c 10 -m 10',
      requests: 20_000,
      connections: 10,
      streams: 10,
      turns: 5,
      rateDecides: true,
    }),
    redisLoad({
      id: 'redis-benchmark',
      title: 'redis-benchmark -P 16 -n 100000 -c 50',
      commands: 100_000,
      connections: 50,
      pipelined: 16,
    }),
  ];
}

/** For a test: the same code, in a minute or so. Rates decide nothing, as tests run beside each other. */
export function smallLoads(): Load[] {
  const keepAlive = { keepAlive: true, connections: 10, requests: 2_000 };
  const short = { keepAlive: false, connections: 10, requests: 200 };
  return [
    abLoad({ ...keepAlive, connections: 100, requests: 5_000, id: 'keep-alive', title: 'keep-alive' }),
    abLoad({ ...short, requests: 1_000, id: 'short', title: 'short connections' }),
    middleLoad({ id: 'middle', title: 'started in the middle', connections: 20, copied_ms: 1_500 }),
    lossy(0.01, abLoad({ ...keepAlive, id: 'loss-1-keep-alive', title: '1 % lost: keep-alive' })),
    lossy(0.05, abLoad({ ...short, id: 'loss-5-short', title: '5 % lost: short' })),
    uploadLoad({ id: 'uploads', title: 'uploads', uploads: 3, megabytes: 3 }),
    downloadLoad({ id: 'download', title: 'a download', file: '10m' }),
    pipelinedLoad({ id: 'pipelined', title: 'pipelined requests' }, { requests: 200, writes: 20 }),
    fragmentsLoad({ id: 'fragments', title: 'requests in fragments' }, { connections: 10, requests: 5 }),
    idleLoad({ id: 'idle', title: 'idle connections' }, { connections: 200, idle_ms: 2_000 }),
    resetLoad({ id: 'reset', title: 'clients that reset half way' }, { connections: 10, requests: 3 }),
    h2Load({
      id: 'h2load',
      title: 'h2load',
      requests: 3_000,
      connections: 10,
      streams: 10,
      turns: 1,
      rateDecides: false,
    }),
    redisLoad({
      id: 'redis-benchmark',
      title: 'redis-benchmark',
      commands: 2_000,
      connections: 20,
      pipelined: 16,
    }),
  ];
}
