/**
 * Signals of a program, from its first moment on: one that comes while it starts waits until it works. Without that a program would
 * be ended by SIGHUP, would leave behind what it has put there so far, and as the first process of a container would not hear SIGTERM at all.
 */
const STOPPING = ['SIGTERM', 'SIGINT'] as const;
const ALL = [...STOPPING, 'SIGHUP', 'SIGUSR1'] as const;
type Signal = (typeof ALL)[number];

export interface Attending {
  /** The program is to end in order. */
  stop(signal: Signal): void;
  /** It is to end at once, and does behind this. */
  stoppedAgain(signal: Signal): void;
  /** The counters are asked for. */
  count(): void;
  /** Files are to be read again. A program that has nothing to read outlives its terminal all the same. */
  reload(): void;
}

export class Signals {
  /** Each once, in their order. */
  readonly #waiting = new Set<Signal>();
  #attending: Attending | undefined;
  #isStopping = false;

  /** @param endAtOnce at the second signal that asks for the end, also while it starts; does not return */
  constructor(private readonly endAtOnce: () => never) {
    for (const signal of ALL) process.on(signal, () => this.#take(signal));
  }

  /** It works: what came before is done now. */
  attend(attending: Attending): void {
    this.#attending = attending;
    for (const signal of this.#waiting) this.#pass(signal, attending);
    this.#waiting.clear();
  }

  #take(signal: Signal): void {
    const attending = this.#attending;
    if (isStop(signal) && this.#isStopping) {
      attending?.stoppedAgain(signal);
      this.endAtOnce();
    }
    this.#isStopping ||= isStop(signal);
    if (attending) this.#pass(signal, attending);
    else this.#waiting.add(signal);
  }

  #pass(signal: Signal, attending: Attending): void {
    if (isStop(signal)) attending.stop(signal);
    else if (signal === 'SIGUSR1') attending.count();
    else attending.reload();
  }
}

const isStop = (signal: Signal): boolean => STOPPING.some((one) => one === signal);
