/** `ab`, again and again for so long: runs of so many requests, each of which has a target of its own. */
import { BenchError } from '../stage/bench-error';
import type { Play } from './play';
import { numberIn, runClient } from './run-client';

const TIMEOUT_MARGIN_MS = 120_000;

export interface SustainedShape {
  readonly keepAlive: boolean;
  readonly connections: number;
  /** Of a run: so few that a client's port seldom comes twice in one. */
  readonly requests: number;
  readonly duration_ms: number;
}

export function playSustained({ keepAlive, connections, requests, duration_ms }: SustainedShape): Play {
  return async (stage, tag) => {
    const { address, port } = stage.scene.online;
    const flags = `-q ${keepAlive ? '-k ' : ''}-c ${connections} -n ${requests}`;
    const script = `end=$(($(date +%s) + ${Math.round(duration_ms / 1000)})) runs=0
      while [ "$(date +%s)" -lt "$end" ]; do
        runs=$((runs + 1))
        ab ${flags} "http://${address}:${port}/${tag}/$runs" >/tmp/ab.out 2>&1 || { cat /tmp/ab.out; exit 1; }
        grep -q '^Failed requests: *0$' /tmp/ab.out || { cat /tmp/ab.out; exit 1; }
      done
      echo "runs: $runs"`;
    const began_ms = performance.now();
    const report = await runClient(stage, ['sh', '-c', script], duration_ms + TIMEOUT_MARGIN_MS);
    const seconds = (performance.now() - began_ms) / 1000;
    const runs = numberIn(report, /runs: (\d+)/);
    if (runs === 0) throw new BenchError('LOAD_FAILED', `No run of ab began within ${duration_ms} ms.`);
    return { requests: runs * requests, seconds };
  };
}
