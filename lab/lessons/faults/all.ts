/** The catalogue of the exam. */
import type { Fault } from './fault';
import { ruleFaults } from './rules';

export const faults: readonly Fault[] = [...ruleFaults];
