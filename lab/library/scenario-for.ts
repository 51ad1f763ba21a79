/** The scenario of a name, where a topology has what it needs. */
import { ScenarioError } from '../scenarios/stage/errors';
import type { Scenario } from '../scenarios/stage/scenario';
import { speechOf } from '../topology/servers/speech';
import type { Topology } from '../topology/types';

/** @throws ScenarioError `SCENARIO_UNKNOWN`, `SCENARIO_UNFIT` */
export async function scenarioFor(topology: Topology, name: string): Promise<Scenario> {
  // The catalogue takes long to load, and most programs play nothing.
  const { scenarios } = await import('../scenarios/catalogue/all');
  const scenario = scenarios.find((one) => one.name === name);
  if (!scenario) {
    const names = scenarios.map((one) => one.name).join(', ');
    throw new ScenarioError(
      `There is no scenario named ${name}.`,
      'SCENARIO_UNKNOWN',
      `There are: ${names}.`,
    );
  }
  const unfit = whyUnfit(scenario, topology);
  if (unfit === undefined) return scenario;
  const message = `Scenario ${name} cannot be played with topology ${topology.name}: ${unfit}.`;
  throw new ScenarioError(message, 'SCENARIO_UNFIT', 'Play it with another topology.');
}

function whyUnfit(
  { architecture, server: needed }: Scenario,
  { copies, nodes }: Topology,
): string | undefined {
  const [copy] = copies;
  if (copy?.architecture !== architecture)
    return `it is for the architecture ${architecture}, and this has ${copy?.architecture ?? 'no copy'}`;
  const server = nodes[copy.to]!.server!;
  if (needed !== undefined && server.kind !== needed)
    return `it stops and starts ${needed}, and ${copy.to} has another server`;
  const speech = speechOf(server);
  if (speech === 'http' || speech === 'redis') return undefined;
  return `requests to ${copy.to} cannot be told apart (say \`protocol\` where the server is)`;
}
