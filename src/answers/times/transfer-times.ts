/** Response times of a server, by transfer, and how they are told. */
import { ResponseTimes, STEPS_MS, type Percentiles, type TimesPart } from './response-times';

/** Of one transfer: from the last byte of a request to the first and to the last of its answer. */
export interface TransferReading {
  /** As the user wrote it: "80-192.0.2.30:8080". */
  readonly transfer: string;
  readonly count: number;
  readonly first_byte_ms: Percentiles;
  readonly last_byte_ms: Percentiles;
}

/** For Prometheus: a classic histogram. */
export interface TimesHistogram {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How many took no longer than `le_s`, in seconds. */
  readonly steps: readonly { readonly le_s: number; readonly count: number }[];
  readonly sum_s: number;
  readonly count: number;
}

/** What was noted of one transfer, as threads can tell it each other. */
export interface TransferPart {
  /** By its name. */
  readonly transfer: string;
  readonly first: TimesPart;
  readonly last: TimesPart;
}

interface Both {
  readonly first: ResponseTimes;
  readonly last: ResponseTimes;
}

/** @typeParam T what stands for a transfer */
export class TransferTimes<T> {
  /** Those of which something was noted: each takes hundreds of kilobytes. */
  readonly #byTransfer = new Map<T, Both>();
  /** Of which something was noted last: mostly there is only one. */
  #latestTransfer: T | undefined;
  #latest: Both | undefined;

  constructor(
    private readonly transfers: readonly T[],
    private readonly nameOf: (transfer: T) => string,
  ) {}

  /** Nothing was noted of any of them. */
  get isEmpty(): boolean {
    return this.#byTransfer.size === 0;
  }

  /** A request was answered. */
  note(transfer: T, first_ms: number, last_ms: number): void {
    if (transfer !== this.#latestTransfer) this.#seek(transfer);
    this.#latest!.first.note(first_ms);
    this.#latest!.last.note(last_ms);
  }

  /** For `add`. */
  get parts(): TransferPart[] {
    return [...this.#byTransfer].map(([transfer, { first, last }]) => ({
      transfer: this.nameOf(transfer),
      first: first.part,
      last: last.part,
    }));
  }

  /** What was noted elsewhere of this transfer. */
  add(transfer: T, { first, last }: TransferPart): void {
    this.#seek(transfer);
    this.#latest!.first.add(first);
    this.#latest!.last.add(last);
  }

  #seek(transfer: T): void {
    let both = this.#byTransfer.get(transfer);
    if (!both)
      this.#byTransfer.set(transfer, (both = { first: new ResponseTimes(), last: new ResponseTimes() }));
    this.#latestTransfer = transfer;
    this.#latest = both;
  }

  /** Those of which something is known. */
  readings(): TransferReading[] {
    return [...this.#byTransfer].flatMap(([transfer, { first, last }]) => {
      const [first_byte_ms, last_byte_ms] = [first.percentiles(), last.percentiles()];
      if (!first_byte_ms || !last_byte_ms) return [];
      return [{ transfer: this.nameOf(transfer), count: first.count, first_byte_ms, last_byte_ms }];
    });
  }

  /** @param server whose they are: a part of their names @param labels besides that of the transfer */
  histograms(server: 'test' | 'online', labels: Readonly<Record<string, string>> = {}): TimesHistogram[] {
    const of = (name: string, which: keyof Both): TimesHistogram[] =>
      this.transfers.map((transfer) => {
        const times = this.#byTransfer.get(transfer)?.[which];
        const { count, sum_ms } = times ?? { count: 0, sum_ms: 0 };
        const within = times?.within() ?? STEPS_MS.map(() => 0);
        const steps = STEPS_MS.map((step_ms, at) => ({ le_s: step_ms / 1000, count: within[at]! }));
        return {
          name,
          labels: { transfer: this.nameOf(transfer), ...labels },
          steps,
          sum_s: sum_ms / 1000,
          count,
        };
      });
    return [...of(`${server}_first_byte_seconds`, 'first'), ...of(`${server}_last_byte_seconds`, 'last')];
  }
}
