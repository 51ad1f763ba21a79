/** Copies whose clients have gone, and that wait for what their test server may still say: a bounded number. */

export class Lingering<S> {
  /** In the order in which they began. */
  readonly #sessions = new Set<S>();

  /** @param partAtOnce ends the wait of the one that has lingered longest, when there are too many */
  constructor(
    private readonly sessions_max: number,
    private readonly partAtOnce: (session: S) => void,
  ) {}

  add(session: S): void {
    this.#sessions.add(session);
    if (this.#sessions.size <= this.sessions_max) return;
    const [oldest] = this.#sessions;
    this.#sessions.delete(oldest!);
    this.partAtOnce(oldest!);
  }

  delete(session: S): void {
    this.#sessions.delete(session);
  }
}
