/** Signals that come while a program starts, to one that takes its time. */
import { execa } from 'execa';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Says `starting`, each signal that its listeners have taken, `started` when it may go on, and from then on what it does. */
const PROGRAM = `
  import { once } from 'node:events';
  import { runProgram } from '${root}/src/process/run.ts';
  const say = (word) => process.stdout.write(word + '\\n');
  const { emit } = process;
  // A listener of its own would keep signals from ending the program.
  process.emit = (event, ...rest) => {
    const isHeard = emit.call(process, event, ...rest);
    if (/^SIG/.test(event)) say(event);
    return isHeard;
  };
  await runProgram({
    name: 'slow',
    changeable: [],
    parse: () => ({ kind: 'run', options: { daemon: false, withoutEffect: [], given: new Map() } }),
    async start() {
      say('starting');
      await once(process.stdin.resume(), 'end');
      say('started');
      const alive = setInterval(() => undefined, 1000);
      return {
        readings: () => ({ counters: {}, gauges: {} }),
        standing: () => ({ ready: true, status: 'works' }),
        reload: () => () => say('reloaded'),
        stop: async () => {
          clearInterval(alive);
          say('stopped');
        },
      };
    },
  });
`;

/** @returns what it said, and how it ended, when these were sent to it while it started, each behind the one before */
async function signalled(...signals: readonly NodeJS.Signals[]) {
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
  const program = execa('node', argv, { cwd: root, reject: false, stderr: 'ignore' });
  const lines = program.iterable();
  await lines.next();
  for (const signal of signals) {
    program.kill(signal);
    // Signals of different kinds have no order of their own.
    await lines.next();
  }
  program.stdin.end();
  const { stdout, exitCode, signal } = await program;
  return { said: stdout.split('\n'), exitCode, signal };
}

test('SIGTERM waits until the program works, and ends it in order: nothing that it has put there stays', async () => {
  expect(await signalled('SIGTERM')).toEqual({
    said: ['starting', 'SIGTERM', 'started', 'stopped'],
    exitCode: 0,
    signal: undefined,
  });
});

test('SIGHUP does not end it: files are read again once it works', async () => {
  expect(await signalled('SIGHUP', 'SIGHUP', 'SIGINT')).toMatchObject({
    said: ['starting', 'SIGHUP', 'SIGHUP', 'SIGINT', 'started', 'reloaded', 'stopped'],
    exitCode: 0,
  });
});

test('a second SIGTERM ends it at once', async () => {
  expect(await signalled('SIGTERM', 'SIGTERM')).toMatchObject({
    said: ['starting', 'SIGTERM'],
    exitCode: 1,
  });
});
