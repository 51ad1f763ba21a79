/** The test server's program for one connection: it reads, checks every byte, and answers as the plan says. */
import type { Agenda } from './agenda';
import { partOf } from './conversation';
import { sum, type ConnectionPlan } from './plan';
import { spokenBytes } from './spoken';
import type { TestTcp } from './test-tcp';

export class TestProgram {
  heard_bytes = 0;
  /** Where it first read something that its client did not say there, or -1. */
  wrongAt = -1;
  #tcp: TestTcp | undefined;
  /** Answers that were begun, and those that were written. */
  #begun = 0;
  #written = 0;
  /** Where each request ends in the client's stream. */
  readonly #ends: readonly number[];
  #clientClosed = false;

  /** @param from where in the client's stream this copy begins */
  constructor(
    private readonly plan: ConnectionPlan,
    readonly from: number,
    private readonly agenda: Agenda,
  ) {
    let end = 0;
    this.#ends = plan.exchanges.map((exchange) => (end += sum(exchange.writes)));
    while (this.#begun < this.#ends.length && this.#ends[this.#begun]! <= from) this.#begun += 1;
    this.#written = this.#begun;
  }

  established(tcp: TestTcp): void {
    this.#tcp = tcp;
    if (this.plan.exchanges.length === 0 && this.plan.ending === 'server') tcp.close();
  }

  read(bytes: Uint8Array): void {
    const at = this.from + this.heard_bytes;
    const expected = spokenBytes(this.plan.id, at, bytes.length);
    if (this.wrongAt < 0 && Buffer.compare(bytes, expected) !== 0) this.wrongAt = at;
    this.heard_bytes += bytes.length;
    while (this.#begun < this.#ends.length && this.#ends[this.#begun]! <= at + bytes.length) {
      this.#answer(this.#begun);
      this.#begun += 1;
    }
  }

  readEnd(): void {
    this.#clientClosed = true;
    this.agenda.after(this.#begun === this.#written ? 0.5 : 0, () => this.#perhapsClose());
  }

  #answer(index: number): void {
    const { response_bytes, testDiffers_bytes, testThinks_ms, parts } = this.plan.exchanges[index]!;
    if (response_bytes === 0) {
      this.#written += 1;
      return;
    }
    const total_bytes = Math.max(1, response_bytes + testDiffers_bytes);
    for (let part = 0; part < parts; part += 1) {
      this.agenda.after(testThinks_ms * (part + 1), () => {
        const length = partOf(total_bytes, parts, part);
        if (length > 0) this.#tcp!.write(length);
        if (part === parts - 1) this.#answered(index);
      });
    }
  }

  #answered(index: number): void {
    this.#written += 1;
    const { ending, exchanges, testEnds } = this.plan;
    const last = exchanges.length - 1;
    if (testEnds?.behind === index) {
      this.agenda.after(testEnds.late_ms, () => this.#tcp![testEnds.how]());
    }
    if (ending === 'server-half' && this.#written === last) this.#tcp!.shutdown();
    if ((ending === 'server' || ending === 'simultaneous') && this.#written === exchanges.length)
      this.#tcp!.close();
    this.#perhapsClose();
  }

  #perhapsClose(): void {
    if (this.#clientClosed && this.#begun === this.#written) this.#tcp!.close();
  }
}
