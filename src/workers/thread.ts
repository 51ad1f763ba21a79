/** One worker's thread, as the main thread sees it: what it says, what it is asked, and its end. */
import type { Worker } from 'node:worker_threads';
import type { Log } from '../process/log';
import type { FromWorker, Question, ToWorker } from './messages';

/** How it came to its end by itself. */
export interface Outcome {
  readonly status: number;
  readonly report: unknown;
}

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Thread {
  /** Resolves when it works; rejects with what tells why it does not. */
  readonly started: Promise<undefined>;
  /** Rejects with why it ended, where that was not by itself. */
  readonly ended: Promise<Outcome>;
  readonly #asked = new Map<number, Asked>();
  #number = 0;
  #gone: Error | undefined;

  /** @param others told what this one tells all others */
  constructor(
    private readonly worker: Worker,
    private readonly index: number,
    private readonly log: Log,
    private readonly others: (words: unknown) => void,
  ) {
    const started = deferred<undefined>();
    const ended = deferred<Outcome>();
    this.started = started.promise;
    this.ended = ended.promise;
    let isReady = false;
    const failed = (reason: string): void => {
      started.reject(new Error(reason));
      ended.reject(new Error(reason));
    };
    const gone = (reason: string): void => {
      failed(reason);
      this.#gone ??= new Error(reason);
      for (const { reject } of this.#asked.values()) reject(this.#gone);
      this.#asked.clear();
    };
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') {
        isReady = true;
        started.resolve(undefined);
      } else if (message.kind === 'failed') {
        // One that works, and cannot go on, is still to be stopped in order.
        if (isReady) failed(message.message);
        else gone(message.message);
      } else if (message.kind === 'ended') ended.resolve(message);
      else this.#heard(message);
    });
    worker.once('error', (error: unknown) => gone(`worker ${index} failed: ${traceOf(error)}`));
    worker.once('exit', (status) => gone(`worker ${index} ended with status ${status}`));
    // Whoever asks for them hears of it; nobody else has to.
    this.started.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  /** It died, or never worked. */
  get isGone(): boolean {
    return this.#gone !== undefined;
  }

  /** @throws Error that says what it refuses, or why it is gone */
  ask(question: Question): Promise<unknown> {
    if (this.#gone) return Promise.reject(this.#gone);
    this.#number += 1;
    const { promise, resolve, reject } = deferred<unknown>();
    this.#asked.set(this.#number, { resolve, reject });
    this.#say({ kind: 'ask', question, number: this.#number });
    return promise;
  }

  /** What another one tells. */
  tell(words: unknown): void {
    this.#say({ kind: 'others', words });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  #say(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  #heard(message: Exclude<FromWorker, { kind: 'ready' | 'failed' | 'ended' }>): void {
    if (message.kind === 'others') this.others(message.words);
    else if (message.kind === 'log')
      // A warning brings what is to be done next along.
      this.log[message.level](message.event, { ...(message.fields as { next: string }), worker: this.index });
    else {
      const asked = this.#asked.get(message.number);
      this.#asked.delete(message.number);
      if (message.kind === 'answer') asked?.resolve(message.answer);
      else asked?.reject(new Error(message.message));
    }
  }
}

const traceOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
