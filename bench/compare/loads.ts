/** What is asked while answers are compared. */
import type { AbShape } from '../tools/ab';

export interface CompareLoad extends AbShape {
  readonly id: string;
}

export const LOADS: readonly CompareLoad[] = [
  { id: 'keep-alive-10', keepAlive: true, connections: 10, requests: 20_000 },
  { id: 'short-10', keepAlive: false, connections: 10, requests: 10_000 },
];

export const WARM: AbShape = { keepAlive: true, connections: 10, requests: 5_000 };
