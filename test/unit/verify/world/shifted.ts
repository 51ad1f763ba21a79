/** Captures by a clock that is wrong on purpose. */
import { moved } from '../../../../lab/capture/moved';
import type { TapEvidence } from '../../../../lab/verify/evidence/tap';

/** The taps of an engine whose machine's clock is ahead by so much. */
export const withClockOf = (engine: string, ahead_s: number, taps: readonly TapEvidence[]): TapEvidence[] =>
  taps.map((tap) => (tap.engine === engine ? { ...tap, capture: moved(tap.capture, ahead_s) } : tap));
