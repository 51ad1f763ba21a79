/** How a fence stood at one moment, and what had been called behind it by then. */
import type { Telling } from '../../fence/outside-call';
import type { FenceRecord } from '../../fence/record';

export interface FenceState {
  /** Node, or the place beside one. */
  readonly holder: string;
  readonly telling: Telling;
  /** Why it does not stand; undefined when it does. */
  readonly fault: string | undefined;
  readonly record: FenceRecord;
}
