/** A copy's exchange with its test server, played by hand. */
import { NO_EARLIER } from '../../../src/session/exchange/due';
import * as exchange from '../../../src/session/exchange/exchange';
import { Habits } from '../../../src/session/exchange/habits';

/** A copy whose client and test server are said what they do: each has a stream of its own. */
export class Copy {
  readonly habits: Habits;
  missed = 0;
  notAwaited = 0;
  readonly of: exchange.Exchange;
  #offset = 1;
  #received_bytes = 0;

  constructor(habits = new Habits()) {
    this.habits = habits;
    this.of = {
      ...exchange.EXCHANGE,
      exchangeOpened: false,
      lastResponseEnds: false,
      isTailDue: false,
      hasEndedWrite: false,
      pipelines: false,
      missed: undefined,
      earlierDue: NO_EARLIER,
      habits,
      host: {
        response_ms: 600_000,
        waitForAnswers: true,
        count: () => (this.notAwaited += 1),
        tellMissed: () => (this.missed += 1),
      },
    };
  }

  /** Words that the client said having read so much: until when they wait; once they may go, they are said. */
  words(read: number, now_ms: number, isHeard = true): number | undefined {
    const until_ms = exchange.holdUntil_ms(this.of, this.#offset, read, isHeard, now_ms);
    if (until_ms !== undefined) return until_ms;
    exchange.said(this.of, { offset: this.#offset, begins: true, push: true }, now_ms);
    this.#offset += 10;
    return undefined;
  }

  /** Words that go on with what was said, the client having read nothing. @param push they end a write */
  more(push: boolean): void {
    exchange.said(this.of, { offset: this.#offset, begins: false, push }, 0);
    this.#offset += 10;
  }

  /** @param acknowledged of the words, by default all that were said */
  answers(bytes: number, now_ms: number, ends = true, acknowledged = this.#offset): void {
    this.#received_bytes += bytes;
    exchange.responded(this.of, acknowledged, bytes, this.#received_bytes, ends, now_ms);
  }

  get received_bytes(): number {
    return this.#received_bytes;
  }

  get offset(): number {
    return this.#offset;
  }
}
