/**
 * How a test server behaves, learned on all copies of a transfer: how long it takes, how it ends its answers, whether it
 * speaks where the online server does, behind how many answers it closes. What no longer fits is forgotten.
 */
import { Lengths } from './lengths';
import { Patience } from './patience';

/** Answers in a row behind which a test server is known to answer, and waited for longer. */
const ANSWERS_KNOWN = 8;
const KNOWN_TO_ANSWER_MS = 400;

/** Words of several writes in a row that one write answered, behind which clients are known to say one request in several. */
const AT_ONCE_KNOWN = 4;

const SILENCE = { learnedMax_ms: 2000, grace_ms: 5 };
const PIECES = { learnedMax_ms: 750, grace_ms: 1 };

/** A FIN that comes later than this behind an answer is not its end. */
const CLOSES_WITHIN_MS = 50;
/** It closes no more, when so many requests were said since. */
const CLOSINGS_FORGOTTEN_AFTER = 10_000;
/** Different numbers of answers behind which it closed: more, and it may close behind any. */
const CLOSINGS_MAX = 4;

/** What words wait for. */
export type Awaited =
  /** The first words of a connection, for what the test server says unasked. */
  | 'greeting'
  /** An answer that has not begun, or that goes on for sure. */
  | 'answer'
  /** The rest of an answer that may have ended. */
  | 'rest';

export class Habits {
  readonly #forGreeting = new Patience(SILENCE);
  readonly #forAnswer = new Patience(SILENCE);
  readonly #forRest = new Patience(PIECES);
  #answersInARow = 0;
  #longestPause_ms = 0;
  #answersShorter = false;
  readonly #lengths = new Lengths();
  /** Clients say requests without reading in between; and words of several writes in a row that were answered by one. */
  #pipelines: boolean | undefined;
  #answeredAtOnce = 0;
  /** Numbers of answers behind which it closed a connection lately. */
  #closings: readonly number[] = [];
  #closesAnywhere = false;
  /** Requests on all connections, and how many there had been when it closed last. */
  #said = 0;
  #closedAt = 0;

  /** The longest silence within an answer so far. */
  get longestPause_ms(): number {
    return this.#longestPause_ms;
  }

  /** Whether its latest answer was shorter than the online server's. */
  get answersShorter(): boolean {
    return this.#answersShorter;
  }

  /** An answer is over, and it was for certain to what the online server answered so. */
  answered(isShorter: boolean): void {
    this.#answersShorter = isShorter;
  }

  /** Its answers to so many requests in a row came to so many bytes, where the online server's came to those. */
  lasted(bytes: number, expected_bytes: number, requests: number): void {
    this.#lengths.add(bytes, expected_bytes, requests);
  }

  /** How long its answers to so many requests are at the longest, where the online server's are so long. */
  longest_bytes(expected_bytes: number, requests: number): number {
    return this.#lengths.longest_bytes(expected_bytes, requests);
  }

  /** Whether the writes of clients that have not read in between are requests each; undefined before anything has shown it. */
  get pipelines(): boolean | undefined {
    return this.#pipelines;
  }

  /** More answers came than one to what a client said without having read in between. */
  answeredOneByOne(): void {
    this.#pipelines = true;
    this.#answeredAtOnce = 0;
  }

  /** One write came for several of a client's. */
  answeredAtOnce(): void {
    this.#answeredAtOnce += 1;
    if (this.#answeredAtOnce >= AT_ONCE_KNOWN) this.#pipelines = false;
  }

  /** An answer came in so many writes. */
  cameIn(writes: number): void {
    this.#lengths.addWrites(writes);
  }

  /** In how many writes an answer comes at the most; undefined while that is not known. */
  get writesMax(): number | undefined {
    return this.#lengths.writesMax;
  }

  /** How long what is awaited may be waited for. */
  allowance_ms(awaited: Awaited): number {
    const known_ms =
      awaited === 'answer' && this.#answersInARow >= ANSWERS_KNOWN ? KNOWN_TO_ANSWER_MS : undefined;
    return this.#patienceFor(awaited).allowance_ms(known_ms);
  }

  /** A request was said. */
  said(): void {
    this.#said += 1;
    if (this.#closings.length === 0 || this.#said - this.#closedAt <= CLOSINGS_FORGOTTEN_AFTER) return;
    this.#closings = [];
    this.#closesAnywhere = false;
  }

  /** What was awaited came, behind so long a silence. */
  came(awaited: Awaited, silence_ms: number): void {
    this.#patienceFor(awaited).paid(silence_ms, this.#said);
    if (awaited === 'answer') this.#answersInARow += 1;
    if (awaited === 'rest') this.paused(silence_ms);
  }

  /** An answer went on behind a silence, whether anybody waited or not. */
  paused(silence_ms: number): void {
    this.#longestPause_ms = Math.max(this.#longestPause_ms, silence_ms);
  }

  /** It did not come. @returns whether this is news */
  missed(awaited: Awaited, since_ms: number, now_ms: number): boolean {
    if (awaited === 'answer') this.#answersInARow = 0;
    return this.#patienceFor(awaited).vain(since_ms, now_ms);
  }

  /** It closed a connection of its own accord, so long behind its last answer. */
  closed(answers: number, behind_ms: number): void {
    if (answers === 0 || behind_ms > CLOSES_WITHIN_MS) return;
    this.#closedAt = this.#said;
    const others = this.#closings.filter((known) => known !== answers);
    this.#closesAnywhere = others.length >= CLOSINGS_MAX - 1 && others.length === this.#closings.length;
    this.#closings = [answers, ...others].slice(0, CLOSINGS_MAX);
  }

  /** Whether it may close behind so many answers. */
  closesBehind(answers: number): boolean {
    return this.#closesAnywhere || this.#closings.includes(answers);
  }

  #patienceFor(awaited: Awaited): Patience {
    if (awaited === 'answer') return this.#forAnswer;
    return awaited === 'rest' ? this.#forRest : this.#forGreeting;
  }
}
