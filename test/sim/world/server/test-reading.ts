/** When the test server's program reads what its kernel has taken: at once, or when it has a turn again; all, or a request at a time. */
import type { TestProgram } from './test-program';

/** Of all programs of the machine. */
export class ProgramTurns {
  #stalls = 0;
  readonly #waiting = new Set<() => void>();

  stall(): void {
    this.#stalls += 1;
  }

  goOn(): void {
    this.#stalls -= 1;
    this.#letGo();
  }

  /** Now, or when programs have turns again. */
  take(turn: () => void): void {
    this.#waiting.add(turn);
    this.#letGo();
  }

  #letGo(): void {
    if (this.#stalls > 0) return;
    const turns = [...this.#waiting];
    this.#waiting.clear();
    for (const turn of turns) turn();
  }
}

export class TestReading {
  #unread: Uint8Array = new Uint8Array();
  #hasEnded = false;
  readonly #turn = (): void => this.#read();

  constructor(
    private readonly program: TestProgram,
    private readonly turns: ProgramTurns,
    /** It reads a request when it has answered the one before. */
    private readonly oneByOne: boolean,
  ) {
    program.onIdle = () => turns.take(this.#turn);
    program.hasUnread = () => this.#unread.length > 0;
  }

  arrived(bytes: Uint8Array): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    this.turns.take(this.#turn);
  }

  ended(): void {
    this.#hasEnded = true;
    this.turns.take(this.#turn);
  }

  #read(): void {
    const { program, oneByOne } = this;
    while (this.#unread.length > 0) {
      if (oneByOne && program.isBusy) return;
      const length = oneByOne ? program.lengthOfNext(this.#unread) : this.#unread.length;
      const bytes = this.#unread.subarray(0, length);
      this.#unread = this.#unread.subarray(length);
      program.read(bytes);
    }
    if (!this.#hasEnded) return;
    this.#hasEnded = false;
    program.readEnd();
  }
}
