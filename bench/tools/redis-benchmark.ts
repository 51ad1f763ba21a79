/** `redis-benchmark`: every command that it knows, many at once in each connection. */
import type { Latency } from '../figures/latency';
import type { Play } from './play';
import { runClient } from './run-client';

const TIMEOUT_MS = 300_000;

export interface RedisShape {
  readonly connections: number;
  /** Commands in a write. */
  readonly pipelined: number;
  /** Of each kind. */
  readonly commands: number;
  /** Default every one that it knows. */
  readonly kinds?: readonly string[];
}

export function playRedis({ connections, pipelined, commands, kinds = [] }: RedisShape): Play {
  return async (stage) => {
    const { address, port } = stage.scene.online;
    const server = ['-h', address, '-p', String(port)];
    const which = kinds.length === 0 ? [] : ['-t', kinds.join(',')];
    const sizes = [...which, '-P', String(pipelined), '-n', String(commands), '-c', String(connections)];
    const began_ms = performance.now();
    const report = await runClient(stage, ['redis-benchmark', ...server, ...sizes, '--csv'], TIMEOUT_MS);
    const seconds = (performance.now() - began_ms) / 1000;
    // A line for each kind of command, below one that names the columns.
    const requests = (report.trim().split('\n').length - 1) * commands;
    return { requests, seconds, latency: latencyIn(report) };
  };
}

/**
 * The worst of all kinds.
 *
 * @param report CSV: a line that names the columns, then one for each kind of command, every cell in quotation marks
 */
export function latencyIn(report: string): Latency {
  const [head, ...lines] = report
    .trim()
    .split('\n')
    .map((line) => line.replaceAll('"', '').split(','));
  const worst = (column: string): number =>
    Math.max(...lines.map((cells) => Number(cells[head!.indexOf(column)])));
  return { median_ms: worst('p50_latency_ms'), p99_ms: worst('p99_latency_ms') };
}
