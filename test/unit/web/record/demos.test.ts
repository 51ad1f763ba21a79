/** The demos that are shipped tell what the code does: they are recorded by `make demos`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode, RunningLab } from '../../../../lab/engine/commands/lab';
import { randomFrom } from '../../../../lab/load/requests/random';
import type { Topology } from '../../../../lab/topology/types';
import { scenarios } from '../../../../lab/scenarios/catalogue/all';
import { visibleLoads } from '../../../../lab/scenarios/loads';
import type { Scenario } from '../../../../lab/scenarios/stage/scenario';
import { Stage } from '../../../../lab/scenarios/stage/stage';
import type { Step } from '../../../../lab/scenarios/stage/step';
import type { Recording } from '../../../../lab/web/messages/recording';
import { recordingsIn } from '../../../../lab/web/record/html';
import { requestsOf } from '../../../../lab/web/record/requests';
import { scene } from '../../verify/world/scene';
import dataLink from '../../../../topologies/data-link';
import traditional from '../../../../topologies/traditional';

const directory = join(import.meta.dirname, '../../../../docs/demos');
const files = readdirSync(directory).filter((file) => file.endsWith('.html'));
const demos = files.map((file) => {
  const page = readFileSync(join(directory, file), 'utf8');
  return { file, page, recording: recordingsIn(page).recordings[0]! };
});
const ofScenarios = demos.flatMap((demo) => {
  const scenario = scenarios.find(({ name }) => name === demo.recording.run.name);
  return scenario ? [{ ...demo, scenario }] : [];
});
const others = demos.filter(({ recording: { run } }) => ['verify', 'replay'].includes(run.name));

const topologies: Readonly<Record<Scenario['architecture'], Topology>> = {
  traditional,
  'data-link': dataLink,
};

/** Does nothing, and takes no time. */
class DryStage extends Stage {
  override wait(duration_ms: number): Promise<void> {
    this.told({ kind: 'wait', duration_ms });
    return Promise.resolve();
  }
}

/** The steps of a scenario, without a lab. */
async function stepsOf(
  { architecture, copying, expect: expected, play }: Scenario,
  seed: number,
): Promise<Step[]> {
  const told: Step[] = [];
  const phase = (...phases: (Step & { kind: 'phase' })['phase'][]): void => {
    told.push(...phases.map((name) => ({ kind: 'phase' as const, phase: name })));
  };
  const topology = topologies[architecture];
  const result = { exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const ended = { ...result, exitCode: 1 };
  const node = (name: string): LabNode => ({
    name,
    definition: topology.nodes[name]!,
    exec: (argv) => Promise.resolve(argv[0] === 'pgrep' ? ended : result),
    start: () => Promise.reject(new Error('nothing is started')),
    converse: () => Promise.reject(new Error('nothing is talked with')),
    readFile: () => Promise.resolve(Buffer.alloc(0)),
    writeFile: () => Promise.resolve(),
  });
  const lab: RunningLab = {
    name: 'dry',
    topology,
    flavour: 'ours',
    nodes: Object.keys(topology.nodes).map(node),
    node,
    host: () => Promise.reject(new Error('there is no host')),
    bridge: () => '',
    vantages: () => Promise.resolve([]),
  };
  phase('taps', ...(copying ? (['copy'] as const) : []), 'load', 'disturbance');
  const random = randomFrom(seed, 0x6368616e);
  const { signal } = new AbortController();
  await play(
    new DryStage(
      lab,
      scene,
      random,
      () => Promise.resolve(0),
      signal,
      (step) => told.push(step),
    ),
  );
  phase('over', ...(expected.copyingAfterwards ? (['after', 'take-down'] as const) : []), 'last-look');
  return told;
}

/** Wherever the lab of a run was. */
const anywhere = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replace(/198\.1[89]\.\d+\./g, '198.18.x.'));

/** The demos' loads are all made of one. */
function seedOf({ run: { name, seed } }: Recording): number {
  if (seed === undefined) throw new Error(`the recording of ${name} has no seed`);
  return seed;
}

const stepsIn = ({ messages }: Recording): Step[] =>
  messages.flatMap(({ message }) => (message.kind === 'step' ? [message.step as Step] : []));

const resultIn = ({ messages }: Recording) =>
  messages.flatMap(({ message }) => (message.kind === 'result' ? [message.result] : []))[0];

test('there are all that the page of demos names', () => {
  const named = [...readFileSync(join(directory, 'README.md'), 'utf8').matchAll(/\]\((\S+\.html)\)/g)];
  expect(named.map(([, file]) => file).toSorted()).toEqual(files.toSorted());
  expect(ofScenarios.length + others.length).toBe(demos.length);
  expect(demos.length).toBeGreaterThanOrEqual(6);
});

const byUs = demos.filter(({ recording: { run } }) => !run.original);
const byOriginal = demos.filter(({ recording: { run } }) => run.original);

test.each(byUs)('$file passed', ({ recording }) => {
  expect(resultIn(recording)).toMatchObject({ verdict: 'pass', reasons: [] });
});

test.each(byOriginal)("$file shows the C original's leak, and says whose it is", ({ file, recording }) => {
  expect(file).toMatch(/^original-/);
  const { verdict, figures } = resultIn(recording)!;
  expect(verdict).toBe('fail');
  expect(figures['leaked']).toBeGreaterThan(0);
});

test.each(demos)('$file is small', ({ page, recording }) => {
  expect(page.length).toBeLessThan(300_000);
  expect(recording.exchanges.length).toBeGreaterThan(5);
});

test.each(ofScenarios)(
  '$file has the steps, captions and requests of its scenario and seed',
  async (demo) => {
    const { recording, scenario } = demo;
    const { about } = recording.run;
    const seed = seedOf(recording);
    expect(about).toEqual({ title: scenario.title, teaches: scenario.teaches });
    expect(anywhere(stepsIn(recording))).toEqual(anywhere(await stepsOf(scenario, seed)));
    const load = (requests: number, from: number) =>
      requestsOf({ protocol: 'http', purpose: 'lab', seed: from, run: visibleLoads.runOf(from), requests });
    const { steady, after } = visibleLoads;
    expect(recording.requests).toEqual([
      ...load(steady.requests, seed),
      ...(scenario.expect.copyingAfterwards ? load(after.requests, seed + 1) : []),
    ]);
  },
);

test.each(others)('$file has the steps and requests of its load and seed', ({ recording }) => {
  const { name } = recording.run;
  const seed = seedOf(recording);
  const phases = stepsIn(recording).map((step) => step.kind === 'phase' && (step.phase as string));
  const expected = {
    verify: ['armed', 'load-started', 'half-way', 'load-ended', 'settled'],
    replay: ['recorded', 'played', 'finished'],
  }[name];
  expect(phases).toEqual(expected);
  const run = visibleLoads.runOf(seed);
  const profile = {
    protocol: 'http',
    purpose: 'lab',
    seed,
    run,
    requests: recording.requests.length,
  } as const;
  expect(recording.requests).toEqual(requestsOf(profile));
});
