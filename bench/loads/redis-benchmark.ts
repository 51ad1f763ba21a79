/** `redis-benchmark`: every command that it knows, many at once in each connection. */
import { exactly } from './exactly';
import type { Load } from './load';
import { runClient } from './run-client';

const TIMEOUT_MS = 300_000;

export interface RedisLoad {
  readonly id: string;
  readonly title: string;
  readonly connections: number;
  /** Commands in a write. */
  readonly pipelined: number;
  /** Of each kind. */
  readonly commands: number;
}

export function redisLoad({ connections, pipelined, commands, ...described }: RedisLoad): Load {
  return exactly({ ...described, labKind: 'redis' }, async (stage) => {
    const { address, port } = stage.scene.online;
    const server = ['-h', address, '-p', String(port)];
    const sizes = ['-P', String(pipelined), '-n', String(commands), '-c', String(connections)];
    const began_ms = performance.now();
    const report = await runClient(stage, ['redis-benchmark', ...server, ...sizes, '--csv'], TIMEOUT_MS);
    const seconds = (performance.now() - began_ms) / 1000;
    // A line for each kind of command, below one that names the columns.
    return { requests: (report.trim().split('\n').length - 1) * commands, seconds };
  });
}
