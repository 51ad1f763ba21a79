import { Waits } from '../../../../src/answers/reading/waits';

const SEGMENT = 1460;
/** Its numbers go round. */
const FROM = 2 ** 32 - 10_000;
const WINDOW = 502;

/** A server that begins to answer at 1 s, asked at that time. */
class Answer {
  readonly waits = new Waits();
  #sent = 0;

  constructor() {
    this.waits.heard(FROM, WINDOW, 1);
  }

  /** @param at_ms behind the beginning */
  says(at_ms: number, length = SEGMENT): this {
    this.waits.spoke((FROM + this.#sent) % 2 ** 32, length, 1 + at_ms / 1000);
    this.#sent += length;
    return this;
  }

  /** All that was said. */
  isHeard(at_ms: number, window = WINDOW): this {
    this.waits.heard((FROM + this.#sent) % 2 ** 32, window, 1 + at_ms / 1000);
    return this;
  }

  get waited_ms(): number {
    return this.waits.since(1) * 1000;
  }
}

const filled = (answer: Answer, at_ms: number): Answer => answer.says(at_ms, 10 * SEGMENT);

describe('the silence of a server in the middle of an answer', () => {
  test('is its client’s, where it goes on when much of it is acknowledged', () => {
    const answer = filled(new Answer(), 0).isHeard(30);
    expect(filled(answer, 30.1).isHeard(70).says(70.05).waited_ms).toBeCloseTo(70.05, 3);
  });

  test('is its own, where it goes on by itself', () => {
    const late = filled(new Answer(), 0).isHeard(10).says(40);
    expect(late.waited_ms).toBe(0);
    const unheard = filled(new Answer(), 0).says(40);
    expect(unheard.waited_ms).toBe(0);
  });

  test('is its own, where hardly anything was under way: no one waits with so little', () => {
    const events = new Answer();
    for (let at_ms = 0; at_ms < 500; at_ms += 50) events.says(at_ms, 200).isHeard(at_ms + 49.5);
    expect(events.waited_ms).toBe(0);
  });

  test('is nobody’s, where it is as short as that of a queue on the way out', () => {
    const answer = new Answer().says(0).says(2).says(4).says(14);
    expect(answer.waited_ms).toBeCloseTo(4, 3);
  });

  test('is its client’s, which takes nothing more for a time', () => {
    const answer = new Answer().says(0).isHeard(0.1, 0).isHeard(500, WINDOW).says(500.1);
    expect(answer.waited_ms).toBeCloseTo(500.1, 3);
  });

  test('is none before it was asked, nor what is said again', () => {
    const answer = filled(new Answer(), -100).isHeard(-50).says(-49.9).isHeard(-40);
    expect(answer.says(20).waited_ms).toBe(0);
    const { waits } = filled(new Answer(), 0);
    waits.spoke(FROM, SEGMENT, 1.2);
    waits.heard(FROM + SEGMENT, WINDOW, 1.2);
    waits.spoke(FROM, SEGMENT, 1.2005);
    expect(waits.since(1)).toBe(0);
  });

  test('is kept in bounded memory, of answers of any length', () => {
    const answer = new Answer();
    for (let at_ms = 0; at_ms < 50_000; at_ms += 10) filled(answer, at_ms).isHeard(at_ms + 9.9);
    expect(answer.waited_ms).toBeCloseTo(49_990, 0);
  });
});
