/** Plays scenarios one after the other, those of one architecture and setting in the same lab. */
import { randomBytes } from 'node:crypto';
import type { ComponentsChoice } from '../engine/nodes/components';
import { reasonOf } from '../engine/docker/errors';
import type { Progress } from '../engine/docker/progress';
import type { Topology } from '../topology/types';
import { sceneOf } from '../verify/collect/scene-of';
import type { ScenarioEvidence } from './judgement/evidence';
import type { Loads } from './loads';
import { judgeScenario, type Playing } from './judgement/judge';
import { inOwnLab } from './own-lab';
import { playScenario } from './play';
import type { ScenarioResult } from './judgement/result';
import type { Architecture, Scenario } from './stage/scenario';
import type { Observe } from './stage/observer';

export interface RunOptions {
  readonly topologies: Readonly<Record<Architecture, Topology>>;
  /** Of the first round; each further round has the next. */
  readonly seed: number;
  /** How often each is played; by default as often as it says itself. */
  readonly rounds?: number | undefined;
  /** Other programs than ours; the scenarios must be of architectures that these are for. */
  readonly components?: ComponentsChoice | undefined;
  /** What clients say; by default so much that some dozen connections are busy. */
  readonly loads?: Loads | undefined;
  /** Looks on at each round. */
  readonly observe?: Observe | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Awaited after each round; without evidence when it could not be collected. */
  readonly onResult: (result: ScenarioResult, evidence: ScenarioEvidence | undefined) => Promise<void> | void;
}

export async function runScenarios(
  scenarios: readonly Scenario[],
  options: RunOptions,
): Promise<ScenarioResult[]> {
  const { topologies, components, loads, observe, progress, signal } = options;
  const results: ScenarioResult[] = [];
  for (const { architecture, setting = asItIs, group } of groupsOf(scenarios)) {
    const own = {
      name: `run-${process.pid}-${randomBytes(2).toString('hex')}-${architecture}`,
      bare: true,
      components,
      progress,
      signal,
    };
    await inOwnLab(setting(topologies[architecture]), own, async (lab) => {
      const scene = await sceneOf(lab);
      for (const scenario of group) {
        for (let round = 1; round <= (options.rounds ?? scenario.rounds ?? 1); round += 1) {
          const playing = { round, seed: options.seed + round - 1 };
          const evidence = await playScenario(lab, scene, scenario, {
            ...playing,
            signal,
            loads,
            observe,
          }).catch((thrown: unknown) => {
            signal.throwIfAborted();
            return reasonOf(thrown);
          });
          const result =
            typeof evidence === 'string'
              ? withoutEvidence(scenario, playing, evidence)
              : judgeScenario(scenario, playing, evidence);
          results.push(result);
          await options.onResult(result, typeof evidence === 'string' ? undefined : evidence);
        }
      }
    });
  }
  return results;
}

const asItIs = (topology: Topology): Topology => topology;

type Group = Pick<Scenario, 'architecture' | 'setting'> & { readonly group: Scenario[] };

function groupsOf(scenarios: readonly Scenario[]): Group[] {
  const groups: Group[] = [];
  for (const scenario of scenarios) {
    const { architecture, setting } = scenario;
    const same = groups.find((one) => one.architecture === architecture && one.setting === setting);
    if (same) same.group.push(scenario);
    else groups.push({ architecture, ...(setting && { setting }), group: [scenario] });
  }
  return groups;
}

function withoutEvidence({ name }: Scenario, playing: Playing, reason: string): ScenarioResult {
  return {
    scenario: name,
    ...playing,
    verdict: 'fail',
    reasons: [`no evidence could be collected: ${reason}`],
    leaked: 0,
    exposures: 0,
    missing: 0,
    doubled: 0,
    detect_ms: undefined,
    resume_ms: undefined,
  };
}
