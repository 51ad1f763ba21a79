/** `ab`: as many requests as fit, all alike, through connections that stay open or that serve one request each. */
import { BenchError } from '../bench-error';
import type { Stage } from '../stage';
import { exactly } from './exactly';
import type { Load, Played } from './load';
import { numberIn, runClient } from './run-client';

const TIMEOUT_MS = 120_000;

export interface AbLoad {
  readonly id: string;
  readonly title: string;
  readonly keepAlive: boolean;
  readonly connections: number;
  readonly requests: number;
  readonly original?: string;
}

export function abLoad({ keepAlive, connections, requests, ...described }: AbLoad): Load {
  const sizes = ['-c', String(connections), '-n', String(requests)];
  return exactly({ ...described, labKind: 'http' }, (stage, tag) =>
    ab(stage, tag, [...(keepAlive ? ['-k'] : []), ...sizes]),
  );
}

async function ab(stage: Stage, tag: string, options: readonly string[]): Promise<Played> {
  const { address, port } = stage.scene.online;
  const report = await runClient(
    stage,
    ['ab', '-q', ...options, `http://${address}:${port}/${tag}`],
    TIMEOUT_MS,
  );
  const failed = numberIn(report, /Failed requests: +(\d+)/);
  if (failed > 0) throw new BenchError('LOAD_FAILED', `${failed} of ab's requests failed.`);
  return {
    requests: numberIn(report, /Complete requests: +(\d+)/),
    seconds: numberIn(report, /Time taken for tests: +([\d.]+)/),
  };
}
