/**
 * Room for those who have not proven yet who they are: by the network that they come from, so that a crowd from one place makes
 * room among itself, and one from many takes nobody's place who is about to speak.
 */

export class Slots<T> {
  /** By network, oldest first. */
  readonly #held = new Map<string, Set<T>>();
  #size = 0;

  /**
   * @param perNetwork of one network at most
   * @param all of all networks together; Infinity where the networks are counted
   */
  constructor(
    private readonly perNetwork: number,
    private readonly all: number,
  ) {}

  get size(): number {
    return this.#size;
  }

  /** @returns who has to go for it: the oldest of its network where that has too many, else of the network that has most */
  add(network: string, one: T): T | undefined {
    const own = this.#held.get(network) ?? new Set();
    const from = own.size >= this.perNetwork ? network : this.#size >= this.all ? this.#largest() : undefined;
    const [evicted] = from === undefined ? [] : this.#held.get(from)!;
    if (from !== undefined && evicted !== undefined) this.remove(from, evicted);
    own.add(one);
    this.#held.set(network, own);
    this.#size += 1;
    return evicted;
  }

  remove(network: string, one: T): void {
    const held = this.#held.get(network);
    if (!held?.delete(one)) return;
    this.#size -= 1;
    if (held.size === 0) this.#held.delete(network);
  }

  *[Symbol.iterator](): Generator<T, void, void> {
    for (const held of this.#held.values()) yield* held;
  }

  /** The one that came first of those that have most. */
  #largest(): string | undefined {
    let [largest, most]: [string | undefined, number] = [undefined, 0];
    for (const [network, { size }] of this.#held) if (size > most) [largest, most] = [network, size];
    return largest;
  }
}
