/** A worker's thread: runs its part of a program, by the command line of the process, and answers to the main thread. */
import { writeFileSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { CommonOptions } from '../process/common-options';
import type { Log } from '../process/log';
import { readAgain } from '../process/reload';
import type { TakeOver } from '../process/reload';
import type { Running } from '../process/run';
import type { FromWorker, LastWords, Question, ToWorker, WorkerWishes } from './messages';
import type { Shared, SharedProgram } from './shared';

/** Of this thread; undefined in a program's main thread. */
export const workerWishes = (): WorkerWishes | undefined =>
  parentPort ? (workerData as WorkerWishes) : undefined;

/** Resolves when it works, or does not. */
export async function runWorker<Options extends CommonOptions>(
  program: SharedProgram<Options>,
  { index, count }: WorkerWishes,
): Promise<void> {
  const port = parentPort!;
  const say = (message: FromWorker): void => port.postMessage(message);
  nameThread(`${program.name}/${index}`);
  const argv = process.argv.slice(2);
  try {
    const command = program.parse(argv);
    if (command.kind !== 'run') throw new Error('its options are others than a moment ago: start it again');
    const { options } = command;
    let report: unknown;
    const listeners: ((words: unknown) => void)[] = [];
    const shared: Shared = {
      index,
      count,
      tellOthers: (words) => say({ kind: 'others', words }),
      hearOthers: (listener) => void listeners.push(listener),
      report: (told) => (report = told),
    };
    const running = await program.startShare(options, logOf(say), shared);
    const stop = async (): Promise<LastWords> => {
      await running.stop();
      return { readings: await running.readings(), report };
    };
    let takeOver: TakeOver | undefined;
    const reload = async (): Promise<void> => {
      takeOver = await running.reload?.(readAgain(program, argv, options));
    };
    const askedOf = (question: Question): unknown => {
      if (question === 'reload') return reload();
      if (question === 'take-over') return takeOver?.();
      return question === 'stop' ? stop() : ANSWERS[question](running);
    };
    port.on('message', (message: ToWorker) => {
      if (message.kind === 'ask') answer(port, message.number, () => askedOf(message.question));
      else for (const listener of listeners) listener(message.words);
    });
    running.ended?.then(
      (status) => say({ kind: 'ended', status, report }),
      (error: unknown) => say({ kind: 'failed', message: (error as Error).message }),
    );
    say({ kind: 'ready' });
  } catch (error) {
    say({ kind: 'failed', message: (error as Error).message });
  }
}

const ANSWERS: Readonly<
  Record<Exclude<Question, 'reload' | 'take-over' | 'stop'>, (running: Running) => unknown>
> = {
  readings: (running) => running.readings(),
  standing: (running) => running.standing(),
  readiness: (running) => running.readiness?.() ?? running.standing(),
};

function answer(port: MessagePort, number: number, ask: () => unknown): void {
  const say = (message: FromWorker): void => port.postMessage(message);
  Promise.resolve()
    .then(ask)
    .then((told) => say({ kind: 'answer', number, answer: told }))
    .catch((error: unknown) => say({ kind: 'refusal', number, message: (error as Error).message }));
}

function logOf(say: (message: FromWorker) => void): Log {
  const at =
    (level: 'info' | 'warning' | 'error') =>
    (event: string, fields: object = {}): void =>
      say({ kind: 'log', level, event, fields });
  return { info: at('info'), warning: at('warning'), error: at('error') };
}

/** So that `top -H` tells the workers apart (proc(5), /proc/thread-self/comm). */
function nameThread(name: string): void {
  try {
    writeFileSync('/proc/thread-self/comm', name);
  } catch {
    // No /proc: then it keeps the interpreter's name.
  }
}
