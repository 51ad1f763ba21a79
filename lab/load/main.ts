/** `lab-load`: the load generator that runs in the nodes. */
import { sendMark, sendMarks } from './mark';
import { loadOptionsFrom, USAGE, type LoadOptions } from './options';
import { runLoad } from './run';
import { formatProgress } from './summary';

const EXIT_USAGE = 2;
/** Between two lines of progress. */
const PROGRESS_EVERY_MS = 20;

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [command, text, ...addresses] = argv;
  if (command === 'mark' && text !== undefined && addresses.length > 0) {
    await Promise.all(addresses.map((address) => sendMark(address, text)));
    return 0;
  }
  if (command === 'marks' && text !== undefined && addresses.length === 2) {
    const [count, address] = addresses as [string, string];
    await sendMarks(address, text, Number(count));
    return 0;
  }
  let options;
  try {
    options = loadOptionsFrom(argv);
  } catch (error) {
    process.stderr.write(`lab-load: ${(error as Error).message}\n${USAGE}`);
    return EXIT_USAGE;
  }
  return play(options);
}

async function play(options: LoadOptions): Promise<number> {
  let told_ms = 0;
  const finish = new AbortController();
  process.once('SIGINT', () => finish.abort());
  const progress = (done: number, planned: number): void => {
    const now_ms = performance.now();
    if (done < planned && now_ms - told_ms < PROGRESS_EVERY_MS) return;
    told_ms = now_ms;
    process.stderr.write(formatProgress(done, planned));
  };
  const summary = await runLoad(options, progress, finish.signal);
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.failed.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
