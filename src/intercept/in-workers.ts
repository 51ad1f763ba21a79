/**
 * intercept in several workers. Each has a queue, or a part of what is captured, a control port and a proof of its own; the rules stand
 * for all of them, and are the main thread's: put when all listen, and taken away when all have ended.
 */
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { Running } from '../process/run';
import type { Share } from '../wire/tables/share';
import { Workers } from '../workers/workers';
import { barrierOf } from './barrier-of';
import type { InterceptOptions } from './options';

/** What of intercept's options a worker goes by: a queue and a control port of its own, one behind the other. */
export function optionsOf(options: InterceptOptions, { index }: Share): InterceptOptions {
  const { caught, controlPort, names } = options;
  return {
    ...options,
    // The packages of npm know nothing of shares.
    io: 'ring',
    controlPort: controlPort + index,
    names: names.map(({ address, port }) => ({ address, port: port + index })),
    caught: caught.by === 'queue' ? { ...caught, number: caught.number + index } : caught,
  };
}

export async function startWorkers(options: InterceptOptions, log: Log): Promise<Running<InterceptOptions>> {
  const { workers: count } = options;
  log.info('workers', { count });
  const workers = await Workers.start<InterceptOptions>({ program: 'intercept', count }, log);
  const barrier = barrierOf(options, log);
  try {
    await barrier?.put();
  } catch (error) {
    await workers.stop();
    throw error;
  }
  return {
    readings: async (): Promise<Readings> => {
      const readings = await workers.readings();
      return barrier
        ? { ...readings, counters: { ...readings.counters, guard_mended: barrier.mended } }
        : readings;
    },
    reload: () => workers.reload(),
    standing: () => workers.standing(),
    readiness: () => workers.readiness(),
    ended: workers.ended,
    stop: async () => {
      const ends = await workers.stopAll();
      // Where connections stay behind, or nobody knows, it stays, too: a queue to which nobody listens drops.
      await (ends.every((end) => end === 'over') ? barrier?.takeAway() : barrier?.keep());
    },
  };
}
