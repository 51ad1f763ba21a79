/** `ab`: as many requests as fit, all alike, through connections that stay open or that serve one request each. */
import { BenchError } from '../stage/bench-error';
import type { Latency } from '../figures/latency';
import type { Stage } from '../stage/stage';
import type { Play, Played } from './play';
import { numberIn, runClient } from './run-client';

const TIMEOUT_MS = 120_000;
const PERCENTILES_FILE = '/tmp/ab.csv';

export interface AbShape {
  readonly keepAlive: boolean;
  readonly connections: number;
  readonly requests: number;
  /** What is asked for, before the tag. */
  readonly path?: string;
  /** In the client's node: sent with each request. */
  readonly bodyFile?: string;
}

export function playAb({ keepAlive, connections, requests, path = '', bodyFile }: AbShape): Play {
  const sizes = ['-c', String(connections), '-n', String(requests)];
  const body = bodyFile === undefined ? [] : ['-p', bodyFile, '-T', 'application/octet-stream'];
  return (stage, tag) => ab(stage, `${path}${tag}`, [...(keepAlive ? ['-k'] : []), ...sizes, ...body]);
}

async function ab(stage: Stage, target: string, options: readonly string[]): Promise<Played> {
  const { address, port } = stage.scene.online;
  const report = await runClient(
    stage,
    ['ab', '-q', '-e', PERCENTILES_FILE, ...options, `http://${address}:${port}/${target}`],
    TIMEOUT_MS,
  );
  const failed = numberIn(report, /Failed requests: +(\d+)/);
  if (failed > 0) throw new BenchError('LOAD_FAILED', `${failed} of ab's requests failed.`);
  return {
    requests: numberIn(report, /Complete requests: +(\d+)/),
    seconds: numberIn(report, /Time taken for tests: +([\d.]+)/),
    latency: latencyIn((await stage.client.readFile(PERCENTILES_FILE)).toString()),
  };
}

/** @param percentiles `percentage,milliseconds` lines; the report itself has whole milliseconds only */
export function latencyIn(percentiles: string): Latency {
  const at = (percentage: number): number =>
    numberIn(percentiles, new RegExp(`^${percentage},([\\d.]+)$`, 'm'));
  return { median_ms: at(50), p99_ms: at(99) };
}
