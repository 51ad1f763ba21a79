/** The copy of one candidate, set up and taken down in a lab that is otherwise the same for all. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, RunningLab } from '../../lab/engine/nodes/lab';
import { copySteps } from '../../lab/plan/copy';
import { FOREIGN_START_MS } from '../../lab/plan/flavour';
import type { PlanStep } from '../../lab/plan/step';
import type { TopologyCopy } from '../../lab/topology/types';
import { BenchError } from '../stage/bench-error';
import { perform, reverse } from '../stage/plan-step';
import { awaitArmed, type Stage } from '../stage/stage';
import type { Candidate } from './candidates';

const placeOf = ({ id }: Candidate): string => `/tmp/peer-${id}`;

/** Puts a candidate's programs where it needs them. */
export async function installPrograms({ lab }: Stage, candidate: Candidate): Promise<void> {
  if (candidate.files.size === 0) return;
  const place = placeOf(candidate);
  for (const node of nodesOf(lab, candidate)) {
    await run(node, ['mkdir', '-p', place]);
    for (const [name, content] of candidate.files) await node.writeFile(`${place}/${name}`, content);
    await run(node, ['chmod', '-R', 'a+rx', place]);
  }
}

/**
 * Resolves when what clients say is copied; calling what it resolves with ends that.
 *
 * @param further options of tcpcopy, which the candidate knows
 */
export async function startCopy(
  stage: Stage,
  candidate: Candidate,
  further: readonly string[] = [],
): Promise<() => Promise<void>> {
  const { lab } = stage;
  const steps = await stepsOf(stage, candidate, further);
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
  { lab, online }: Stage,
  candidate: Candidate,
  further: readonly string[],
): Promise<PlanStep[]> {
  const { architecture, flavour, options } = candidate;
  const [copy] = lab.topology.copies as readonly [TopologyCopy];
  const understood = async (program: string): Promise<readonly string[]> => {
    if (options.length === 0) return [];
    const help = (await online.exec([program, '--help'])).stdout.toString();
    return help.includes(options[0]!) ? options : [];
  };
  const { routes, ...ends } = copy;
  const own: TopologyCopy = {
    ...ends,
    ...(architecture === 'data-link' && routes ? { routes } : {}),
    architecture,
    tcpcopy: [...(await understood('tcpcopy')), ...further],
    intercept: await understood('intercept'),
  };
  const steps = copySteps({ ...lab.topology, copies: [own] }, [own], flavour);
  return candidate.files.size === 0 ? steps : steps.map((step) => fromPlace(step, placeOf(candidate)));
}

/** The step with the programs that are there in the place of the image's. */
function fromPlace(step: PlanStep, place: string): PlanStep {
  const { action } = step;
  if (action.kind !== 'command') return step;
  const [program = '', ...words] = action.argv;
  if (program !== 'tcpcopy' && program !== 'intercept') return step;
  return { ...step, action: { ...action, argv: [`${place}/${program}`, ...words] } };
}

/** Where the candidate's tcpcopy and its intercept run. */
export function nodesOf(lab: RunningLab, { architecture }: Candidate): readonly [LabNode, LabNode] {
  const [copy] = lab.topology.copies as readonly [TopologyCopy];
  const hears = architecture === 'data-link' ? copy.routes![0]!.via : copy.to;
  return [lab.node(copy.from), lab.node(hears)];
}

async function run(node: LabNode, argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await node.exec(argv);
  if (exitCode !== 0) throw new BenchError('STEP_FAILED', `${argv.join(' ')}: ${stderr.toString()}`);
}
