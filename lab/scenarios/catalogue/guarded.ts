/** Copies whose rule intercept itself puts there, and takes away: there are the programs alone to be started and stopped. */
import type { Topology } from '../../topology/types';
import type { ProgramPart } from '../stage/parts';
import type { Scenario } from '../stage/scenario';

export const PROGRAMS: readonly ProgramPart[] = ['intercept', 'tcpcopy'];

const setting = (topology: Topology): Topology => ({
  ...topology,
  copies: topology.copies.map((copy) => ({ ...copy, guard: 'intercept' })),
});

/** The same where `intercept --guard` puts the rule there. */
export const guardedByIntercept = (scenario: Scenario): Scenario => ({
  ...scenario,
  title: `${scenario.title}; intercept puts the rule there itself`,
  setting,
});
