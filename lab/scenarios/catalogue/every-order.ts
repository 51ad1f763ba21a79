/** Every order in which the parts of a copy can be started, or stopped: in both architectures, and whoever puts the rule there. */
import type { Topology } from '../../topology/types';
import { PARTS, type Part, type ProgramPart } from '../stage/parts';
import { permutations } from '../stage/permutations';
import type { Architecture, Scenario } from '../stage/scenario';

/** Where intercept itself puts the rule there, and takes it away, these alone are started and stopped. */
const PROGRAMS: readonly ProgramPart[] = ['intercept', 'tcpcopy'];

/** @param prefix of the scenario's name */
type ScenarioOf = (prefix: string, architecture: Architecture, order: readonly Part[]) => Scenario;

export const everyOrder = (does: 'start' | 'stop', scenarioOf: ScenarioOf): Scenario[] => [
  ...permutations(PARTS).map((order) => scenarioOf(does, 'traditional', order)),
  ...permutations(PROGRAMS).map((order) =>
    guardedByIntercept(scenarioOf(`${does}-guarded`, 'traditional', order)),
  ),
  ...permutations(PARTS).map((order) => scenarioOf(`${does}-data-link`, 'data-link', order)),
];

const setting = (topology: Topology): Topology => ({
  ...topology,
  copies: topology.copies.map((copy) => ({ ...copy, guard: 'intercept' })),
});

const guardedByIntercept = (scenario: Scenario): Scenario => ({
  ...scenario,
  title: `${scenario.title}; intercept puts the rule there itself`,
  setting,
});
