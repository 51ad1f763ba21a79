/** What is done while a scenario is played, step by step, for whoever looks on. */
import type { Part, ProgramPart } from './parts';

/** What happens around the disturbance, the same in each scenario. */
export type Phase = 'taps' | 'copy' | 'load' | 'disturbance' | 'over' | 'after' | 'take-down' | 'last-look';

/** Depends on the scenario and its seed only, as long as nothing fails. */
export type Step =
  | { readonly kind: 'phase'; readonly phase: Phase }
  | { readonly kind: 'part'; readonly part: Part; readonly does: 'start' | 'stop' }
  | { readonly kind: 'signal'; readonly program: ProgramPart; readonly signal: ProgramSignal }
  /** A line of shell. */
  | { readonly kind: 'command'; readonly node: string; readonly line: string }
  /** Of the kernel. */
  | { readonly kind: 'parameter'; readonly node: string; readonly name: string; readonly value: string }
  | { readonly kind: 'wait'; readonly duration_ms: number }
  /** The guard is gone from here on; everything is as it should be from here on. */
  | { readonly kind: 'moment'; readonly moment: 'lost' | 'restored' };

export type ProgramSignal = 'KILL' | 'STOP' | 'CONT';
