/** The catalogue of the exam. */
import { dataLinkFaults } from './data-link';
import type { Fault } from './fault';
import { optionFaults } from './options';
import { routeFaults } from './routes';
import { ruleFaults } from './rules';
import { serverFaults } from './servers';

export const faults: readonly Fault[] = [
  ...ruleFaults,
  ...routeFaults,
  ...optionFaults,
  ...serverFaults,
  ...dataLinkFaults,
];
