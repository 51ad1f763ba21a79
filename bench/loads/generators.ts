/** Loads by load generators that everybody has. */
import { playAb, type AbShape } from '../tools/ab';
import { playRedis, type RedisShape } from '../tools/redis-benchmark';
import { exactly } from './exactly';
import type { Load } from './load';
import type { LoadName } from './load-name';

export function abLoad({ id, title, original, ...shape }: LoadName & AbShape): Load {
  return exactly({ id, title, ...(original ? { original } : {}), labKind: 'http' }, playAb(shape));
}

export function redisLoad({ id, title, ...shape }: LoadName & RedisShape): Load {
  return exactly({ id, title, labKind: 'redis' }, playRedis(shape));
}
