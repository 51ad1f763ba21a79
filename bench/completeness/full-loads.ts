/** Every load, in the sizes that are measured. */
import { abLoad, redisLoad } from '../loads/generators';
import { h2Load } from '../loads/h2load';
import type { Load } from '../loads/load';
import { lossy } from '../loads/lossy';
import { middleLoad } from '../loads/middle';
import { fragmentsLoad, idleLoad, pipelinedLoad, resetLoad } from '../loads/shapes';
import { downloadLoad, uploadLoad } from '../loads/transfers';
import {
  alternatingLoad,
  answerSizesLoad,
  closingLoad,
  inPiecesLoad,
  lossTailLoad,
  pushLoad,
  shortAnswersLoad,
  slowAnswerLoad,
} from '../loads/other-answers';
import { saturationLoad } from '../loads/saturation';

export interface FullOptions {
  /** How long the idle connections are idle. */
  readonly idle_ms: number;
}

export const fullLoads = (options: FullOptions): Load[] => [
  ...alikeLoads(options),
  ...otherwiseLoads(),
  ...saturationLoads(),
];

/** Both servers answer alike. */
function alikeLoads({ idle_ms }: FullOptions): Load[] {
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

/** The test server answers otherwise than the online server, or hears less. */
function otherwiseLoads(): Load[] {
  const ten = { connections: 10, requests: 500 };
  const twenty = { connections: 20, requests: 1_000 };
  return [
    shortAnswersLoad({ id: 'short-answers', title: 'answers of 3 bytes instead of 10 KB, 5,000' }, ten),
    answerSizesLoad(
      { id: 'answer-sizes', title: 'answers of 0 to 300 % of their size, 5,000 each' },
      { ...ten, bytes: [0, 500, 1_000, 4_000, 6_000, 9_000, 30_000] },
    ),
    closingLoad(
      { id: 'closes-after-100', title: 'test closes behind 100 answers, 20,000' },
      { ...twenty, after: 100 },
    ),
    pushLoad(
      { id: 'push', title: 'pushed by online only, 100 requests in 20 s' },
      { connections: 1, requests: 100, pause_ms: 200 },
    ),
    slowAnswerLoad(
      { id: 'slow-answer', title: 'answers that come after 35 s' },
      { connections: 10, requests: 1, after_ms: 35_000 },
    ),
    alternatingLoad(
      { id: 'alternating', title: 'answers whole, short and missing in turn, 2,000' },
      { connections: 10, requests: 200 },
    ),
    inPiecesLoad(
      { id: 'answers-in-pieces', title: 'pauses of 40 to 400 ms within answers, 200' },
      { connections: 10, requests: 20, pauses_ms: [40, 100, 250, 400] },
    ),
    lossTailLoad({ id: 'loss-tail', title: '5 % lost: 20 connections of 1,000' }, { ...twenty, share: 0.05 }),
  ];
}

/** More than the copy can take. */
function saturationLoads(): Load[] {
  const minute = { connections: 50, requests: 20_000, duration_ms: 60_000 };
  return [
    saturationLoad(
      { id: 'saturation-short', title: 'a minute of short connections, 50 at a time' },
      { ...minute, requestsPerConnection: 1 },
    ),
    saturationLoad(
      { id: 'saturation-kept', title: 'a minute of connections of 100 requests, 50 at a time' },
      { ...minute, requestsPerConnection: 100 },
    ),
  ];
}
