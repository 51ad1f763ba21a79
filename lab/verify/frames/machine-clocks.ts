/** How the clocks of engines' machines stand to the online server's, and evidence by that one clock. */
import { clockBetween, throughout, type ClockReading } from '../../clocks/clock-between';
import type { TapEvidence } from '../evidence/tap';
import { passagesIn } from './clock-marks';

export interface MachineClock {
  /** Name of the engine. */
  readonly engine: string;
  /** That of the online server, whose clock it is compared with. */
  readonly reference: string;
  /** From before the load to behind it; undefined where no marks passed in both directions. */
  readonly reading: ClockReading | undefined;
}

/** @param online name of the online server @returns one for each other machine; none where there is one machine */
export function clocksOf(taps: readonly TapEvidence[], run: string, online: string): MachineClock[] {
  const reference = taps.find(({ node }) => node === online)?.engine;
  if (reference === undefined) return [];
  const others = new Set(taps.flatMap(({ engine }) => engine ?? []));
  others.delete(reference);
  if (others.size === 0) return [];
  const { before, after } = passagesIn(taps, run);
  return [...others].map((engine) => ({
    engine,
    reference,
    reading: throughout(
      [before, after].flatMap((passages) => clockBetween(passages, reference, engine) ?? []),
    ),
  }));
}

/** Times that are read in these taps are the online server's machine's. */
export const aligned = (taps: readonly TapEvidence[], clocks: readonly MachineClock[]): TapEvidence[] =>
  taps.map((tap) => ({ ...tap, ahead_ms: clockOn(clocks, tap.engine)?.ahead_ms }));

/** Undefined of the online server's own machine, and of one whose clock is not known. */
export const clockOn = (
  clocks: readonly MachineClock[],
  engine: string | undefined,
): ClockReading | undefined => clocks.find((clock) => clock.engine === engine)?.reading;
