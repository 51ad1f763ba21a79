/** Signals that come while a program starts, to one that takes its time. */
import { execa } from 'execa';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Says `starting`, then `started` half a second later, and from then on what it does. */
const PROGRAM = `
  import { runProgram } from '${root}/src/process/run.ts';
  const say = (word) => process.stdout.write(word + '\\n');
  await runProgram({
    name: 'slow',
    changeable: [],
    parse: () => ({ kind: 'run', options: { daemon: false, withoutEffect: [], given: new Map() } }),
    async start() {
      say('starting');
      await new Promise((resolve) => setTimeout(resolve, 500));
      say('started');
      const alive = setInterval(() => undefined, 1000);
      return {
        readings: () => ({ counters: {}, gauges: {} }),
        standing: () => ({ ready: true, status: 'works' }),
        reload: () => say('reloaded'),
        stop: async () => {
          clearInterval(alive);
          say('stopped');
        },
      };
    },
  });
`;

/** @returns what it said, and how it ended, when these were sent to it while it started */
async function signalled(...signals: readonly NodeJS.Signals[]) {
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
  const program = execa('node', argv, { cwd: root, reject: false, stderr: 'ignore' });
  await once(program.stdout, 'data');
  for (const signal of signals) {
    program.kill(signal);
    // Signals of different kinds have no order of their own.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { stdout, exitCode, signal } = await program;
  return { said: stdout.split('\n'), exitCode, signal };
}

test('SIGTERM waits until the program works, and ends it in order: nothing that it has put there stays', async () => {
  expect(await signalled('SIGTERM')).toEqual({
    said: ['starting', 'started', 'stopped'],
    exitCode: 0,
    signal: undefined,
  });
});

test('SIGHUP does not end it: files are read again once it works', async () => {
  expect(await signalled('SIGHUP', 'SIGHUP', 'SIGINT')).toMatchObject({
    said: ['starting', 'started', 'reloaded', 'stopped'],
    exitCode: 0,
  });
});

test('a second SIGTERM ends it at once', async () => {
  expect(await signalled('SIGTERM', 'SIGTERM')).toMatchObject({ said: ['starting'], exitCode: 1 });
});
