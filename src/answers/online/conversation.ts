/**
 * One connection of a client with the online server, by headers of one direction or of both: when a request was said to its end,
 * and when its answer came. As of the test server (src/session/exchange/answering.ts), a request is what a client says after it
 * has read something, and its answer is all payload that acknowledges a part of it and comes before the next one.
 *
 * The server's own packets tell exactly. Where they are not captured, what the client acknowledges bounds it from above.
 */
import { seqAdd, seqDiff, seqLt } from '../../wire/sequence';
import type { SegmentView } from '../../wire/segment';
import { recordsOf } from '../../wire/tables/number-records';
import { ACK, FIN, RST, SYN } from '../../wire/tcp';

/** What a time is known by: the server's own packets, or what its client acknowledged of them. */
export const EVIDENCE = ['packets', 'acknowledgments'] as const;
export type Evidence = (typeof EVIDENCE)[number];

export interface ConversationHost {
  /** A request's answer is over. Both times are from its last byte. @param transfer which of the transfers it belongs to */
  answered(transfer: number, by: Evidence, first_ms: number, last_ms: number): void;
  /** The connection is over, or its next request came, and nothing answered this one. */
  unanswered(): void;
}

/** `over`: nothing more can come of it. */
export type Standing = 'open' | 'over';

/** Of what was not seen yet; no number of the wire, and no time, is below 0. */
const NONE = -1;

const CONVERSATION = {
  transfer: 0,
  /** When its latest segment came. */
  heardAt_ms: 0,
  /** Behind what the client has said and what the server has given, as on the wire. */
  saidUntil: 0,
  givenUntil: NONE,
  /** What the client has acknowledged: in all, and when it spoke last. */
  readUntil: NONE,
  spokeAt: NONE,
  /** Where the request begins that is timed. */
  askedFrom: NONE,
  askedAt_ms: 0,
  /** When payload of its answer came, and when the client acknowledged such. */
  givenFrom_ms: NONE,
  givenTo_ms: NONE,
  readFrom_ms: NONE,
  readTo_ms: NONE,
  /** When the client acknowledged one byte more, which may be the server's end and no payload. */
  readOne_ms: NONE,
  /** 1 once the server's own packets were seen, and once the client has closed its side. */
  isServerHeard: 0,
  isClosing: 0,
};

/** Stands for one of all conversations at a time. */
export class Conversation extends recordsOf(CONVERSATION) {
  constructor(private readonly host: ConversationHost) {
    super();
  }

  /** Begins another one, and stands for it. @param first what is seen first of it, from its client @returns its place */
  begin(first: SegmentView, transfer: number): number {
    const place = this.open();
    this.transfer = transfer;
    if (first.flags & SYN) this.saidUntil = seqAdd(first.sequence, 1);
    else {
      // In the middle of a request, perhaps: the next one is the first that is timed.
      this.saidUntil = seqAdd(first.sequence, first.payloadLength);
      this.readUntil = this.spokeAt = first.acknowledgment;
    }
    return place;
  }

  /** A segment of the client. */
  client(view: SegmentView, at_ms: number): Standing {
    const { flags, acknowledgment, payloadLength } = view;
    this.heardAt_ms = at_ms;
    if (flags & RST) return this.end();
    if (flags & ACK) this.#read(acknowledgment, at_ms);
    const from = flags & SYN ? seqAdd(view.sequence, 1) : view.sequence;
    const until = seqAdd(from, payloadLength);
    if (payloadLength > 0 && seqLt(this.saidUntil, until)) this.#said(until, acknowledgment, at_ms);
    if (!(flags & FIN)) return 'open';
    this.isClosing = 1;
    return this.#isAnswered ? this.end() : 'open';
  }

  /** A segment of the server. */
  server({ flags, sequence, acknowledgment, payloadLength }: SegmentView, at_ms: number): Standing {
    this.heardAt_ms = at_ms;
    this.isServerHeard = 1;
    if (flags & RST) return this.end();
    const until = seqAdd(sequence, payloadLength + (flags & SYN ? 1 : 0));
    const isFresh = this.givenUntil === NONE || seqLt(this.givenUntil, until);
    if (isFresh) this.givenUntil = until;
    if (isFresh && payloadLength > 0 && this.askedFrom !== NONE && seqLt(this.askedFrom, acknowledgment)) {
      if (this.givenFrom_ms < 0) this.givenFrom_ms = at_ms;
      this.givenTo_ms = at_ms;
    }
    if (!(flags & FIN)) return 'open';
    this.#settle();
    return this.isClosing ? 'over' : 'open';
  }

  /** Nothing more comes. */
  end(): Standing {
    this.#settle();
    return 'over';
  }

  get #isAnswered(): boolean {
    return this.isServerHeard ? this.givenFrom_ms >= 0 : this.readFrom_ms >= 0;
  }

  #read(acknowledgment: number, at_ms: number): void {
    const bytes = this.readUntil === NONE ? 0 : seqDiff(acknowledgment, this.readUntil);
    if (this.readUntil === NONE || bytes > 0) this.readUntil = acknowledgment;
    if (bytes <= 0 || this.askedFrom === NONE) return;
    if (bytes === 1 && this.readOne_ms < 0) {
      this.readOne_ms = at_ms;
      return;
    }
    this.#readOne();
    this.#readPayload(at_ms);
  }

  /** More came behind it: it was payload. */
  #readOne(): void {
    if (this.readOne_ms >= 0) this.#readPayload(this.readOne_ms);
    this.readOne_ms = -1;
  }

  #readPayload(at_ms: number): void {
    if (this.readFrom_ms < 0) this.readFrom_ms = at_ms;
    this.readTo_ms = at_ms;
  }

  #said(until: number, acknowledgment: number, at_ms: number): void {
    if (this.spokeAt === NONE || seqLt(this.spokeAt, acknowledgment)) {
      this.#readOne();
      this.#settle();
      this.askedFrom = this.saidUntil;
      this.spokeAt = acknowledgment;
      this.askedAt_ms = at_ms;
    } else if (this.givenFrom_ms < 0 && this.readFrom_ms < 0) this.askedAt_ms = at_ms;
    this.saidUntil = until;
  }

  #settle(): void {
    if (this.askedFrom === NONE) return;
    const { transfer, askedAt_ms: asked_ms } = this;
    if (!this.#isAnswered) this.host.unanswered();
    else if (this.isServerHeard)
      this.host.answered(transfer, 'packets', this.givenFrom_ms - asked_ms, this.givenTo_ms - asked_ms);
    else
      this.host.answered(transfer, 'acknowledgments', this.readFrom_ms - asked_ms, this.readTo_ms - asked_ms);
    this.askedFrom = NONE;
    this.givenFrom_ms = this.givenTo_ms = this.readFrom_ms = this.readTo_ms = this.readOne_ms = NONE;
  }
}
