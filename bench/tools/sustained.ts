/**
 * Runs of `h2load`, one after the other for so long, in HTTP/1.1. A request's target says which run it is of, and its place in
 * its connection, if the servers close connections behind so many requests.
 */
import type { Play } from './play';
import { numberIn, runClient } from './run-client';

const TIMEOUT_MARGIN_MS = 120_000;

export interface SustainedShape {
  readonly connections: number;
  readonly requestsPerConnection: number;
  /** Of a run: so few that a client's port seldom comes twice in one. */
  readonly requests: number;
  readonly duration_ms: number;
}

export function playSustained(shape: SustainedShape): Play {
  const { connections, requestsPerConnection, requests, duration_ms } = shape;
  return async (stage, tag) => {
    const { address, port } = stage.scene.online;
    // Each connection asks for all targets in turn.
    const targets = `seq -f "http://${address}:${port}/${tag}/$runs/%g" ${requestsPerConnection}`;
    const run = `h2load --h1 -c ${connections} -n ${requests} -i /tmp/targets`;
    const script = `end=$(($(date +%s) + ${Math.round(duration_ms / 1000)})) runs=0
      while [ "$(date +%s)" -lt "$end" ]; do
        runs=$((runs + 1))
        ${targets} >/tmp/targets
        ${run} >/tmp/report && grep -q ' ${requests} succeeded' /tmp/report || { cat /tmp/report; exit 1; }
      done
      echo "runs: $runs"`;
    const began_ms = performance.now();
    const report = await runClient(stage, ['sh', '-c', script], duration_ms + TIMEOUT_MARGIN_MS);
    const seconds = (performance.now() - began_ms) / 1000;
    return { requests: numberIn(report, /runs: (\d+)/) * requests, seconds };
  };
}

/** Undefined where a target is not one of a run. */
export function placeIn(target: string): { readonly run: string; readonly ordinal: number } | undefined {
  const found = /^(.*\/\d+)\/(\d+)$/.exec(target);
  return found ? { run: found[1]!, ordinal: Number(found[2]) } : undefined;
}
