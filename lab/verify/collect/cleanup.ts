/** What must be undone whatever happens, in reverse order; one failure does not keep the rest from being undone. */
export class Cleanup {
  readonly #undos: (() => Promise<unknown>)[] = [];

  add(undo: () => Promise<unknown>): void {
    this.#undos.push(undo);
  }

  /** Resolves with the failures. */
  async run(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (let undo = this.#undos.pop(); undo; undo = this.#undos.pop()) {
      await undo().catch((failure: unknown) => failures.push(failure));
    }
    return failures;
  }
}
