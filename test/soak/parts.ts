/** What is long by nature: `make test` plays a few rounds of each; here they are played whole. */
import { join } from 'node:path';
import { lessons } from '../../lab/lessons/course/all';
import { faults } from '../../lab/lessons/faults/all';

export interface SoakPart {
  readonly name: string;
  readonly rounds: number;
  /** What they are rounds of. */
  readonly of: string;
  /** @param seed of the first round; each further one has the next */
  readonly command: (seed: number, rounds: number) => SoakCommand;
}

export interface SoakCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../..');

const KILLS = [
  'kill-tcpcopy',
  'kill-intercept',
  'kill-tcpcopy-and-take-down',
  'data-link-kill-tcpcopy',
  'data-link-kill-intercept',
];

const lab =
  (...argv: readonly string[]) =>
  (seed: number, rounds: number): SoakCommand => ({
    argv: [join(root, 'bin/lab'), ...argv, '--seed', `${seed}`, '--rounds', `${rounds}`],
  });

const script =
  (file: string) =>
  (seed: number, rounds: number): SoakCommand => ({
    argv: [join(root, 'node_modules/.bin/tsx'), join(root, file), `${seed}`, `${rounds}`],
  });

function jest(
  files: string,
  environment: (seed: number, rounds: number) => Readonly<Record<string, string>>,
): SoakPart['command'] {
  return (seed, rounds) => ({
    argv: [join(root, 'node_modules/.bin/jest'), files, '--verbose'],
    env: {
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      ...environment(seed, rounds),
    },
  });
}

export const parts: readonly SoakPart[] = [
  {
    name: 'worlds',
    rounds: 50_000,
    of: 'simulated worlds',
    command: script('test/sim/soak.ts'),
  },
  {
    name: 'busy-worlds',
    rounds: 10_000,
    of: 'simulated worlds of a busy machine',
    command: jest('test/sim/busy-worlds', (seed, rounds) => ({
      SIM_BUSY_FIRST_SEED: `${seed}`,
      SIM_BUSY_SEEDS: `${rounds}`,
    })),
  },
  {
    name: 'own-worlds',
    rounds: 10_000,
    of: "simulated worlds under the online server's own address",
    command: jest('test/sim/own-worlds', (seed, rounds) => ({
      SIM_OWN_FIRST_SEED: `${seed}`,
      SIM_OWN_SEEDS: `${rounds}`,
    })),
  },
  {
    name: 'fuzz',
    rounds: 10,
    of: 'times the rounds of all fuzzers',
    command: jest('test/fuzz', (seed, rounds) => ({ FUZZ_FIRST_SEED: `${seed}`, FUZZ_SCALE: `${rounds}` })),
  },
  { name: 'kills', rounds: 40, of: 'rounds of each kill', command: lab('run', ...KILLS) },
  {
    name: 'killed-runners',
    rounds: 20,
    of: 'programs that are killed with their labs, each at another step',
    command: jest('e2e/lab/library', (seed, rounds) => ({ KILLED_RUNNERS: `${seed},${rounds}` })),
  },
  {
    name: 'killed-commands',
    rounds: 20,
    of: 'moments at which up, and verify, is killed',
    command: jest('e2e/lab/killed-commands', (seed, rounds) => ({ KILLED_COMMANDS: `${seed},${rounds}` })),
  },
  {
    name: 'comparisons',
    rounds: 400,
    of: 'comparisons of a service with itself, from captures and live, and a tenth as many with a planted fault',
    command: jest('test/unit/answers/(captures/ground-truth|live/live)', (seed, rounds) => ({
      CLEAN_COMPARISONS_FIRST_SEED: `${seed}`,
      CLEAN_COMPARISONS: `${rounds}`,
      PLANTED_FAULTS: `${Math.ceil(rounds / 10)}`,
    })),
  },
  {
    name: 'any-traffic',
    rounds: 10,
    of: 'times the rounds of traffic that is judged',
    command: jest('test/unit/verify/any-traffic', (seed, rounds) => ({
      VERIFY_FIRST_SEED: `${seed}`,
      VERIFY_SCALE: `${rounds}`,
    })),
  },
  { name: 'scenarios', rounds: 2, of: 'rounds of each scenario', command: lab('run', 'all') },
  { name: 'planted-leaks', rounds: 1, of: 'turn of all planted leaks', command: lab('run', 'planted-leaks') },
  {
    name: 'lessons',
    rounds: lessons.length,
    of: 'lessons, solved as their authors solve them',
    command: jest('e2e/lab/lessons', (seed, rounds) => ({ LESSONS: `${seed},${rounds}` })),
  },
  {
    name: 'exam',
    rounds: faults.length,
    of: 'seeds of the exam, each another fault',
    command: script('e2e/lab/exams/main.ts'),
  },
  {
    name: 'drawn',
    rounds: 1,
    of: 'turn of all that end-to-end tests draw from',
    command: jest('--selectProjects=e2e', () => ({ DRAWN: 'all' })),
  },
  { name: 'clean', rounds: 100, of: 'clean runs', command: lab('run', 'clean') },
  {
    name: 'whole-life',
    rounds: 1,
    of: 'whole life of a lab of each kind',
    command: lab('run', 'whole-life'),
  },
  {
    name: 'topologies',
    rounds: 1,
    of: 'verification of each shipped topology',
    command: (seed) => ({ argv: [join(root, 'bin/lab'), 'verify', '--all', '--seed', `${seed}`] }),
  },
];
