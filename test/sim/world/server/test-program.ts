/** The test server's program for one connection: it reads, checks every byte, and answers as the plan says. */
import type { Agenda } from '../agenda';
import { partOf, type Conversation } from '../plan/conversation';
import { answerOf, type AfterClosing, type AnswerPiece, type Manner } from '../plan/manners';
import { sum, type ExchangePlan } from '../plan/plan';
import { spokenBytes } from '../plan/spoken';
import type { TestTcp } from './test-tcp';

const GREETS_AFTER_MS = 0.3;
/** A world comes to rest. */
const PUSHES_MAX = 100;

/** What the programs of all connections share. */
export interface Served {
  readonly manner: Manner;
  /** Answers on all connections. */
  answered: number;
  /** Whoever connects is reset. */
  resets: number;
  /** When it comes to a connection that it resets. */
  resetsAfter_ms: number;
}

/** Whose words a connection may carry, and from where in them: the first byte of one of the requests. */
interface Candidate {
  readonly conversation: Conversation;
  readonly from: number;
}

function evenWrites({
  response_bytes,
  testDiffers_bytes,
  testThinks_ms,
  parts,
}: ExchangePlan): AnswerPiece[] {
  const total_bytes = response_bytes === 0 ? 0 : Math.max(1, response_bytes + testDiffers_bytes);
  return Array.from({ length: parts }, (_, part) => ({
    bytes: partOf(total_bytes, parts, part),
    after_ms: testThinks_ms,
  })).filter(({ bytes }) => bytes > 0);
}

export class TestProgram {
  heard_bytes = 0;
  /** Where it first read something that nobody said there, or -1. */
  wrongAt = -1;
  #tcp: TestTcp | undefined;
  #candidates: readonly Candidate[];
  /** The one that its SYN's sequence number speaks for, as long as nothing was read. */
  readonly #bySyn: Candidate;
  /** It begins as its client's connection did. */
  readonly #isBegun: boolean;
  /** Answers that were begun, and those that were written. */
  #begun = 0;
  #written = 0;
  /** Where each request ends in the client's stream. */
  #ends: readonly number[] = [];
  /** Answers on this connection. */
  #answers = 0;
  #clientClosed = false;
  /** What is read is thrown away. */
  #discards = false;
  /** It is to be reset, and nothing else is done with it. */
  #resets = false;
  #isOver = false;
  /** It has answered all that it has read. */
  onIdle: () => void = () => undefined;
  /** Something has come that it has not read. */
  hasUnread: () => boolean = () => false;

  /** @param speakers whose words they may be, the newest last */
  constructor(
    speakers: readonly Conversation[],
    synSequence: number,
    private readonly agenda: Agenda,
    private readonly served: Served,
  ) {
    const first = speakers.findLast(({ plan }) => plan.initialSequence === synSequence);
    this.#bySyn = { conversation: first ?? speakers.at(-1)!, from: 0 };
    this.#candidates = speakers.toReversed().flatMap((conversation) => {
      const starts = new Set([0, ...conversation.requests.map(({ from }) => from)]);
      return [...starts].map((from) => ({ conversation, from }));
    });
    this.#isBegun = first !== undefined;
    if (first) this.#candidates = [this.#bySyn, ...this.#candidates];
  }

  /** Whose words they are, as far as that is known. */
  get conversation(): Conversation {
    return this.#chosen.conversation;
  }

  /** Where in its client's stream this connection begins, in bytes. */
  get from(): number {
    return this.#chosen.from;
  }

  get #chosen(): Candidate {
    return (this.heard_bytes > 0 ? this.#candidates[0] : undefined) ?? this.#bySyn;
  }

  established(tcp: TestTcp): void {
    this.#tcp = tcp;
    const { manner, resets, resetsAfter_ms } = this.served;
    if (resets > 0) {
      this.#resets = true;
      if (resetsAfter_ms > 0) this.agenda.after(resetsAfter_ms, () => tcp.reset());
      else tcp.reset();
      return;
    }
    const { exchanges, ending, greeting_bytes } = this.conversation.plan;
    if (manner.kind === 'greets') tcp.write(manner.bytes);
    else if (manner.kind === 'alike' && greeting_bytes > 0)
      this.agenda.after(GREETS_AFTER_MS, () => tcp.write(greeting_bytes));
    if (manner.kind === 'pushes') this.#push(manner.bytes, manner.every_ms, PUSHES_MAX);
    if (this.#isBegun && exchanges.length === 0 && ending === 'server') tcp.close();
  }

  #push(bytes: number, every_ms: number, times: number): void {
    this.agenda.after(every_ms, () => {
      if (this.#tcp!.state !== 'established' || this.#clientClosed || times === 0) return;
      this.#tcp!.write(bytes);
      this.#push(bytes, every_ms, times - 1);
    });
  }

  /** What it has read is not answered yet, or never will be. */
  get isBusy(): boolean {
    return this.#begun > this.#written || this.#isOver;
  }

  /** How much of what waits belongs to the request that it reads next. */
  lengthOfNext(unread: Uint8Array): number {
    const { conversation, from } =
      this.heard_bytes > 0
        ? this.#chosen
        : (this.#candidates.find((one) => this.#says(one, unread)) ?? this.#bySyn);
    const at = from + this.heard_bytes;
    const next = conversation.requests.find((request) => request.from > at)?.from ?? Infinity;
    return Math.min(unread.length, next - at);
  }

  read(bytes: Uint8Array): void {
    if (this.#discards || this.#resets) return;
    const isFirst = this.heard_bytes === 0;
    this.#recognise(bytes);
    this.heard_bytes += bytes.length;
    if (isFirst) this.#begin();
    const until = this.from + this.heard_bytes;
    while (this.#begun < this.#ends.length && this.#ends[this.#begun]! <= until) {
      this.#carryOut(this.#begun);
      this.#begun += 1;
    }
  }

  #carryOut(index: number): void {
    const { manner } = this.served;
    if (manner.kind !== 'dies' || this.#answers < manner.behind) {
      this.#answer(index);
      return;
    }
    this.#written += 1;
    if (manner.how === 'fin') this.#tcp!.close();
    else this.#tcp!.reset(manner.how === 'bare-reset');
  }

  /** Drops the candidates that did not say this; with none left, somebody said it in the middle of a request, or nobody. */
  #recognise(bytes: Uint8Array): void {
    const says = (candidate: Candidate): boolean => this.#says(candidate, bytes);
    const left = this.#candidates.filter(says);
    if (left.length > 0) this.#candidates = left;
    else if (this.heard_bytes === 0) this.#candidates = this.#inRequests(bytes);
    if (left.length === 0 && this.wrongAt < 0 && !says(this.#candidates[0]!))
      this.wrongAt = this.from + this.heard_bytes;
  }

  #says({ conversation, from }: Candidate, bytes: Uint8Array): boolean {
    const at = from + this.heard_bytes;
    if (at + bytes.length > conversation.total_bytes) return false;
    return Buffer.compare(bytes, spokenBytes(conversation.plan.id, at, bytes.length)) === 0;
  }

  #inRequests(bytes: Uint8Array): readonly Candidate[] {
    const found = this.#candidates.flatMap(({ conversation }) => {
      const spoken = spokenBytes(conversation.plan.id, 0, conversation.total_bytes);
      const from = Buffer.from(spoken).indexOf(bytes);
      return from < 0 ? [] : [{ conversation, from }];
    });
    return found.length > 0 ? found : [this.#bySyn];
  }

  #begin(): void {
    let end = 0;
    this.#ends = this.conversation.plan.exchanges.map((exchange) => (end += sum(exchange.writes)));
    while (this.#begun < this.#ends.length && this.#ends[this.#begun]! <= this.from) this.#begun += 1;
    this.#written = this.#begun;
  }

  readEnd(): void {
    this.#clientClosed = true;
    this.agenda.after(this.#begun === this.#written ? 0.5 : 0, () => this.#perhapsClose());
  }

  #answer(index: number): void {
    const exchange = this.conversation.plan.exchanges[index]!;
    const plain = exchange.testWrites ?? evenWrites(exchange);
    const pieces = answerOf(this.served.manner, plain, index, this.served.answered);
    if (pieces.length === 0) {
      this.#written += 1;
      this.#perhapsEnd(index);
      this.onIdle();
      return;
    }
    this.served.answered += 1;
    let at_ms = 0;
    for (const [turn, { bytes, after_ms }] of pieces.entries()) {
      at_ms += after_ms;
      this.agenda.after(at_ms, () => {
        this.#tcp!.write(bytes);
        if (turn === pieces.length - 1) this.#answered(index);
      });
    }
  }

  #answered(index: number): void {
    this.#written += 1;
    this.#answers += 1;
    const { testEnds } = this.conversation.plan;
    if (testEnds?.behind === index) {
      this.agenda.after(testEnds.late_ms, () => this.#tcp![testEnds.how]());
    }
    const { manner } = this.served;
    if (manner.kind === 'closes' && manner.behind === this.#answers)
      this.agenda.after(manner.late_ms, () => this.#close(manner.then));
    if (manner.kind === 'ends-unheard' && manner.behind === this.#answers) this.#tcp!.vanish(manner.for_ms);
    this.#perhapsEnd(index);
    this.onIdle();
  }

  #close(then: AfterClosing): void {
    // RFC 2525, section 2.17: so it is known that something was lost.
    if (then === 'breaks' && this.hasUnread()) this.#tcp!.reset();
    else if (then === 'resets' || then === 'breaks') this.#tcp!.close();
    else this.#tcp!.shutdown();
    this.#discards = then === 'discards';
    this.#isOver = then !== 'carries-out';
  }

  /** Ends as the online server did. */
  #perhapsEnd(index: number): void {
    const { ending, exchanges } = this.conversation.plan;
    const last = exchanges.length - 1;
    if (ending === 'server-half' && this.#written === last) this.#tcp!.shutdown();
    if ((ending === 'server' || ending === 'simultaneous') && this.#written === exchanges.length)
      this.#tcp!.close();
    if (index >= 0) this.#perhapsClose();
  }

  #perhapsClose(): void {
    if (this.#clientClosed && this.#begun === this.#written && !this.#resets) this.#tcp!.close();
  }
}
