/** The copy of one candidate, set up and taken down in a lab that is otherwise the same for all. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode } from '../../lab/engine/commands/lab';
import { copySteps } from '../../lab/plan/copies/copy';
import { FOREIGN_START_MS } from '../../lab/plan/flavour';
import type { PlanStep } from '../../lab/plan/step';
import type { TopologyCopy } from '../../lab/topology/types';
import { drawKey, formatKeys } from '../../src/control/sealed/key';
import { BenchError } from '../stage/bench-error';
import { perform, reverse } from '../stage/plan-step';
import { awaitArmed, type Stage } from '../stage/stage';
import { KEY_FILE, type Candidate } from './candidates';

const placeOf = ({ id }: Candidate): string => `/tmp/candidate-${id}`;

/** How a candidate's program is called in the nodes. */
const programOf = (candidate: Candidate, name: string): string =>
  candidate.files.size === 0 ? name : `${placeOf(candidate)}/${name}`;

/** The same in all nodes, for those who use it. */
const KEYS = formatKeys([drawKey(new Date())]);

/** Puts a candidate's programs, and its key, where it needs them. */
export async function installPrograms(stage: Stage, candidate: Candidate): Promise<void> {
  if (candidate.options.includes(KEY_FILE))
    for (const node of nodesOf(stage, candidate)) {
      await node.writeFile(KEY_FILE, KEYS);
      await run(node, ['chmod', '600', KEY_FILE]);
    }
  if (candidate.files.size === 0) return;
  const place = placeOf(candidate);
  for (const node of nodesOf(stage, candidate)) {
    await run(node, ['mkdir', '-p', place]);
    for (const [name, content] of candidate.files) await node.writeFile(`${place}/${name}`, content);
    await run(node, ['chmod', '-R', 'a+rx', place]);
  }
}

/**
 * Resolves when what clients say is copied; calling what it resolves with ends that.
 *
 * @param further options of tcpcopy, which the candidate knows
 * @param furtherOfIntercept the same
 */
export async function startCopy(
  stage: Stage,
  candidate: Candidate,
  further: readonly string[] = [],
  furtherOfIntercept: readonly string[] = [],
): Promise<() => Promise<void>> {
  const { lab } = stage;
  const steps = await stepsOf(stage, candidate, further, furtherOfIntercept);
  const done: PlanStep[] = [];
  const stop = async (): Promise<void> => {
    for (let step = done.pop(); step; step = done.pop()) await reverse(lab, step);
  };
  try {
    for (const step of steps) {
      done.push(step);
      await perform(lab, step);
    }
    if (candidate.flavour === 'ours') await awaitArmed(stage);
    else await sleep(FOREIGN_START_MS, undefined, { signal: stage.signal });
    return stop;
  } catch (failure) {
    await stop();
    throw failure;
  }
}

async function stepsOf(
  stage: Stage,
  candidate: Candidate,
  further: readonly string[],
  furtherOfIntercept: readonly string[],
): Promise<PlanStep[]> {
  const { lab, online } = stage;
  const { architecture, flavour, options } = candidate;
  const copy = copyIn(stage);
  const understood = async (program: string): Promise<readonly string[]> => {
    if (options.length === 0) return [];
    const help = (await online.exec([programOf(candidate, program), '--help'])).stdout.toString();
    return help.includes(options[0]!) ? options : [];
  };
  const { routes, ...ends } = copy;
  const own: TopologyCopy = {
    ...ends,
    ...(architecture === 'data-link' && routes ? { routes } : {}),
    architecture,
    tcpcopy: [...(await understood('tcpcopy')), ...further],
    intercept: [...(await understood('intercept')), ...furtherOfIntercept],
  };
  const steps = copySteps({ ...lab.topology, copies: [own] }, [own], flavour);
  return steps.map((step) => withPrograms(step, candidate));
}

/** The step with the candidate's programs in the place of the image's. */
function withPrograms(step: PlanStep, candidate: Candidate): PlanStep {
  const { action } = step;
  if (action.kind !== 'command') return step;
  const [program = '', ...words] = action.argv;
  if (program !== 'tcpcopy' && program !== 'intercept') return step;
  return { ...step, action: { ...action, argv: [programOf(candidate, program), ...words] } };
}

/** Where the candidate's tcpcopy and its intercept run. */
export function nodesOf(stage: Stage, { architecture }: Candidate): readonly [LabNode, LabNode] {
  const { lab, online, test } = stage;
  return [online, architecture === 'data-link' ? lab.node(copyIn(stage).routes![0]!.via) : test];
}

const copyIn = ({ lab, online }: Stage): TopologyCopy =>
  lab.topology.copies.find(({ from }) => from === online.name)!;

async function run(node: LabNode, argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await node.exec(argv);
  if (exitCode !== 0) throw new BenchError('STEP_FAILED', `${argv.join(' ')}: ${stderr.toString()}`);
}
