/**
 * Which connections are copied when only a percentage is. Of each hundred new connections exactly that many are chosen,
 * at places that differ from one hundred to the next; what was chosen for a connection holds for all its segments.
 */

/** Connections that are remembered; the oldest are forgotten first. */
const REMEMBERED_MAX = 200_000;
const BLOCK = 100;
/** How quickly a gradual start reaches its percentage. */
const RAMP_PERCENT_PER_S = 1;

export interface SamplerOptions {
  /** 1 to 100. */
  readonly percentage: number;
  /** Begin with one percent and add one each second. */
  readonly gradual: boolean;
}

export class Sampler {
  /** By the client's endpoint: the sequence number that a SYN was chosen by, and whether; see `#remember`. */
  readonly #remembered = new Map<number, number>();
  /** Places of the current hundred, in the order in which they are chosen. */
  #block: number[] = [];
  #place = BLOCK;
  #chosen_max = 0;
  #blocks = 0;
  #startedAt_ms: number | undefined;

  constructor(private readonly options: SamplerOptions) {}

  /** @param synSequence of a SYN; undefined for any other segment */
  isChosen(key: number, synSequence: number | undefined, now_ms: number): boolean {
    if (this.options.percentage >= 100 && !this.options.gradual) return true;
    const remembered = this.#remembered.get(key);
    if (remembered !== undefined && (synSequence === undefined || remembered >>> 1 === synSequence >>> 1)) {
      return (remembered & 1) === 1;
    }
    const chosen = this.#next(now_ms);
    this.#remember(key, synSequence ?? 0, chosen);
    return chosen;
  }

  #next(now_ms: number): boolean {
    if (this.#place === BLOCK) this.#begin(now_ms);
    const chosen = this.#block.indexOf(this.#place) < this.#chosen_max;
    this.#place += 1;
    return chosen;
  }

  #begin(now_ms: number): void {
    this.#startedAt_ms ??= now_ms;
    const grown = 1 + Math.floor((now_ms - this.#startedAt_ms) / 1000) * RAMP_PERCENT_PER_S;
    this.#chosen_max = this.options.gradual
      ? Math.min(this.options.percentage, grown)
      : this.options.percentage;
    this.#place = 0;
    this.#blocks += 1;
    this.#block = shuffled(BLOCK, this.#blocks);
  }

  /** One number an entry: the upper 31 bits of the sequence number, and the choice. */
  #remember(key: number, sequence: number, chosen: boolean): void {
    if (this.#remembered.size >= REMEMBERED_MAX) {
      const [oldest] = this.#remembered.keys();
      if (oldest !== undefined) this.#remembered.delete(oldest);
    }
    this.#remembered.delete(key);
    this.#remembered.set(key, ((sequence >>> 1) << 1) | (chosen ? 1 : 0));
  }
}

/** The numbers below `count`, in an order that depends on the seed (Fisher and Yates, numbers by Mulberry32). */
function shuffled(count: number, seed: number): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index);
  let state = seed;
  for (let left = count - 1; left > 0; left -= 1) {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    const pick = ((word ^ (word >>> 14)) >>> 0) % (left + 1);
    [numbers[left], numbers[pick]] = [numbers[pick]!, numbers[left]!];
  }
  return numbers;
}
