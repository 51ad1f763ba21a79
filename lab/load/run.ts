/** Plays a whole schedule: so many connections at a time, so many requests a second, and not for ever. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadOptions } from './options';
import { playConnection, type PlayObserver } from './play';
import { randomFrom } from './requests/random';
import { parseSubnet } from '../topology/addresses';
import { sourceOf } from './source-range';
import { deriveSchedule, type PlannedConnection } from './requests/schedule';
import { latencyOf, type FailedRequest, type LoadSummary } from './summary';

/**
 * @param progress called after each request that was answered or failed
 * @param finish once aborted, no further request is sent; connections end after the answer that they wait for
 */
export async function runLoad(
  options: LoadOptions,
  progress: (done: number, planned: number) => void,
  finish: AbortSignal = new AbortController().signal,
): Promise<LoadSummary> {
  const { share, profile, sources } = options;
  const range = sources === undefined ? undefined : parseSubnet(sources);
  const waiting = inOrderOfStart(
    deriveSchedule(profile).filter(({ number }) => number % share.divisor === share.remainder),
    profile.seed,
  );
  const planned = waiting.reduce((sum, { requests }) => sum + requests.length, 0);
  const began_ms = performance.now();
  const failed: FailedRequest[] = [];
  const latencies_ms: number[] = [];
  const ports: number[] = [];
  let sent = 0;
  let turns = 0;

  const observer: PlayObserver = {
    async pace() {
      const due_ms = began_ms + (turns++ * 1_000) / options.rate;
      const wait_ms = due_ms - performance.now();
      // Timers have a resolution of a millisecond; what is due sooner goes at once.
      if (wait_ms >= 1) await sleep(wait_ms, undefined, { signal: finish }).catch(() => undefined);
      return !finish.aborted;
    },
    connected: (port) => ports.push(port),
    sent: () => (sent += 1),
    answered(_request, latency_ms) {
      latencies_ms.push(latency_ms);
      progress(latencies_ms.length + failed.length, planned);
    },
    failed(request, reason) {
      failed.push({ identity: request.identity, reason });
      progress(latencies_ms.length + failed.length, planned);
    },
  };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !finish.aborted; next = waiting.shift()) {
      if (performance.now() - began_ms < options.limit_ms) {
        const from = range && sourceOf(range, next.number);
        await playConnection(next, { ...options, protocol: profile.protocol, from }, observer);
      } else {
        const reason = `not begun within ${options.limit_ms} ms`;
        for (const request of next.requests) observer.failed(request, reason);
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return {
    sent,
    answered: latencies_ms.length,
    connections: ports.length,
    ports,
    failed,
    duration_ms: Math.round(performance.now() - began_ms),
    latency: latencyOf(latencies_ms),
  };
}

/** Long connections first, as they last; the short ones in an order of their own behind them. */
function inOrderOfStart(connections: readonly PlannedConnection[], seed: number): PlannedConnection[] {
  const random = randomFrom(seed, 0x6f72646572);
  return connections
    .map((connection) => ({ connection, rank: random.fraction() - connection.requests.length }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ connection }) => connection);
}
