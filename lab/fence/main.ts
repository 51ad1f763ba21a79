/** `lab-fence`: stands around a service of the test side, in its network namespace. */
import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { faultOfFence } from './check';
import { fenceOptionsFrom, USAGE } from './options';
import { serveFence } from './serve';

const EXIT_USAGE = 2;
const STAND_WITHIN_MS = 10_000;
const LOG_FILE = '/var/log/lab-fence.log';

async function main([command = '', ...argv]: readonly string[]): Promise<number> {
  switch (command) {
    case 'stand':
      return stand(argv);
    case 'serve':
      await serveFence(fenceOptionsFrom(argv));
      process.send?.('stands', () => process.disconnect());
      return 0;
    case 'check': {
      const fault = await faultOfFence();
      if (fault === undefined) return 0;
      process.stdout.write(`${fault}\n`);
      return 1;
    }
    default:
      process.stderr.write(USAGE);
      return EXIT_USAGE;
  }
}

/** Leaves a process in the background, and returns when that stands. */
async function stand(argv: readonly string[]): Promise<number> {
  const log = openSync(LOG_FILE, 'w');
  const child = spawn('lab-fence', ['serve', ...argv], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  const stands = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, STAND_WITHIN_MS, false);
    const end = (outcome: boolean): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    child.once('message', () => end(true));
    child.once('exit', () => end(false));
    child.once('error', () => end(false));
  });
  if (stands) {
    child.unref();
    return 0;
  }
  child.kill('SIGKILL');
  process.stderr.write(readFileSync(LOG_FILE, 'utf8') || `it does not stand after ${STAND_WITHIN_MS} ms\n`);
  return 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lab-fence: ${(error as Error).message}\n`);
  process.exit(1);
}
