/** Every load, in sizes that a test can wait for. */
import { abLoad, redisLoad } from '../loads/generators';
import { h2Load } from '../loads/h2load';
import type { Load } from '../loads/load';
import { lossy } from '../loads/lossy';
import { middleLoad } from '../loads/middle';
import { fragmentsLoad, idleLoad, pipelinedLoad, resetLoad } from '../loads/shapes';
import { downloadLoad, uploadLoad } from '../loads/transfers';

/** The same code, in a minute or so. Rates decide nothing, as tests run beside each other. */
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
