/** The rules that intercept puts there itself, by its options. */
import { StandingGuard } from '../barrier/standing-guard';
import type { Log } from '../process/log';
import type { InterceptOptions } from './options';

/** @returns undefined where they are put by hand, or there are none */
export function barrierOf(
  { caught, guardedPorts: ports, passlist: passed, ownCopies, workers }: InterceptOptions,
  log: Log,
): StandingGuard | undefined {
  if (caught.by !== 'queue' || ports.length === 0) return undefined;
  const { number: queue } = caught;
  return new StandingGuard({ queue, lastQueue: queue + workers - 1, ports, passed, ownCopies }, log);
}
