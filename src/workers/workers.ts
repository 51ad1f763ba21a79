/**
 * A program of which several threads do a part each, as its main thread runs it: starts them, asks all of them and sums up what they say.
 * When one of them dies the others end in order, and the program with them.
 */
import { Worker } from 'node:worker_threads';
import type { CommonOptions } from '../process/common-options';
import type { Log } from '../process/log';
import type { Readings } from '../process/readings';
import type { TakeOver } from '../process/reload';
import type { Running } from '../process/run';
import type { Standing } from '../process/service-manager';
import type { LastWords, Question, WorkerWishes } from './messages';
import { commonStanding, summedReadings } from './summed';
import { Thread, type Outcome } from './thread';

const EXIT_OK = 0;

export interface WorkersPlan {
  readonly program: string;
  readonly count: number;
  /** Of a program that comes to its end by itself: tells what the workers report. @returns its exit status */
  readonly conclude?: (reports: readonly unknown[]) => number;
  /** By default a thread of the program that runs here. */
  readonly open?: (wishes: WorkerWishes) => Worker;
}

/** What a thread runs: the program's own script, by which it finds that it is no main thread. */
let openThread = (wishes: WorkerWishes): Worker =>
  new Worker(process.argv[1]!, { argv: process.argv.slice(2), workerData: wishes });

/** From now on threads run this script: a single executable has it inside, and no file of it. */
export function bringScript(script: () => string): void {
  openThread = (wishes) =>
    new Worker(script(), { eval: true, argv: process.argv.slice(2), workerData: wishes });
}

export class Workers<Options extends CommonOptions> implements Running<Options> {
  readonly ended: Promise<number>;
  readonly #threads: readonly Thread[];
  #stopped: Promise<readonly (LastWords | undefined)[]> | undefined;
  /** Once they have stopped. */
  #last: Readings | undefined;

  private constructor(
    { program, count, conclude, open = openThread }: WorkersPlan,
    private readonly log: Log,
  ) {
    const threads: Thread[] = [];
    for (let index = 0; index < count; index += 1) {
      const others = (words: unknown): void =>
        threads.forEach((thread, other) => {
          if (other !== index) thread.tell(words);
        });
      threads.push(new Thread(open({ program, index, count }), index, log, others));
    }
    this.#threads = threads;
    const outcomes = Promise.all(threads.map(({ ended }) => ended));
    this.ended = outcomes
      .then((all) => statusOf(all, conclude))
      .catch((error: unknown) => this.#lost(error as Error));
    this.ended.catch(() => undefined);
  }

  /** Resolves when all of them work. @throws Error that tells why one does not; then none does */
  static async start<Options extends CommonOptions>(plan: WorkersPlan, log: Log): Promise<Workers<Options>> {
    const workers = new Workers<Options>(plan, log);
    const started = await Promise.allSettled(workers.#threads.map((thread) => thread.started));
    const failure = started.find((one) => one.status === 'rejected');
    if (!failure) return workers;
    await workers.stop();
    throw failure.reason;
  }

  async readings(): Promise<Readings> {
    return this.#last ?? summedReadings(await this.#ask<Readings>('readings'));
  }

  async standing(): Promise<Standing> {
    return commonStanding(await this.#ask<Standing>('standing'));
  }

  async readiness(): Promise<Standing> {
    return commonStanding(await this.#ask<Standing>('readiness'));
  }

  /** Each reads the files again by itself, and none takes over what one of them refuses. */
  async reload(): Promise<TakeOver> {
    await this.#ask('reload');
    return async () => void (await this.#ask('take-over'));
  }

  async stop(): Promise<void> {
    await this.stopAll();
  }

  /** @returns what each reports; undefined of one that was gone */
  async stopAll(): Promise<readonly unknown[]> {
    this.#stopped ??= this.#stop();
    return (await this.#stopped).map((last) => last?.report);
  }

  async #stop(): Promise<readonly (LastWords | undefined)[]> {
    const all = await Promise.all(
      this.#threads.map((thread) =>
        thread.ask('stop').then(
          (last) => last as LastWords,
          () => undefined,
        ),
      ),
    );
    this.#last = summedReadings(all.flatMap((last) => (last ? [last.readings] : [])));
    await Promise.all(this.#threads.map((thread) => thread.close()));
    return all;
  }

  #ask<Answer>(question: Question): Promise<Answer[]> {
    return Promise.all(this.#threads.map((thread) => thread.ask(question) as Promise<Answer>));
  }

  /** Nobody takes over what one of them had: the others end in order, and whoever watches over the program starts it again. */
  #lost(error: Error): number {
    if (this.#stopped) return 0;
    if (this.#threads.some(({ isGone }) => isGone))
      this.log.error('worker lost', {
        reason: error.message,
        next: 'the program ends, as each worker has connections of its own: start it again (a service manager does)',
      });
    throw error;
  }
}

function statusOf(all: readonly Outcome[], conclude: WorkersPlan['conclude']): number {
  return conclude
    ? conclude(all.map(({ report }) => report))
    : Math.max(EXIT_OK, ...all.map(({ status }) => status));
}
