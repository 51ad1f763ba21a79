/**
 * One connection of a client with the online server, by headers of one direction or of both: when a request was said to its end,
 * and when its answer came. As of the test server (src/session/exchange/answering.ts), a request is what a client says after it
 * has read something, and its answer is all payload that acknowledges a part of it and comes before the next one.
 *
 * The server's own packets tell exactly. Where they are not captured, what the client acknowledges bounds it from above.
 */
import { seqAdd, seqDiff, seqLt } from '../../wire/sequence';
import type { SegmentView } from '../../wire/segment';
import { ACK, FIN, RST, SYN } from '../../wire/tcp';

/** What a time is known by: the server's own packets, or what its client acknowledged of them. */
export const EVIDENCE = ['packets', 'acknowledgments'] as const;
export type Evidence = (typeof EVIDENCE)[number];

export interface ConversationHost {
  /** A request's answer is over. Both times are from its last byte. */
  answered(by: Evidence, first_ms: number, last_ms: number): void;
  /** The connection is over, or its next request came, and nothing answered this one. */
  unanswered(): void;
}

/** `over`: nothing more can come of it. */
export type Standing = 'open' | 'over';

export class Conversation {
  /** Of the latest segment. */
  heardAt_ms = 0;
  /** Behind what the client has said and what the server has given, as on the wire; the latter is not known before any was seen. */
  #saidUntil = 0;
  #givenUntil: number | undefined;
  /** What the client has acknowledged: in all, and when it spoke last. */
  #readUntil: number | undefined;
  #spokeAt: number | undefined;
  /** Where the request begins that is timed. */
  #askedFrom: number | undefined;
  #askedAt_ms = 0;
  /** When payload of its answer came, and when the client acknowledged such; below 0 when none did. */
  #givenFrom_ms = -1;
  #givenTo_ms = -1;
  #readFrom_ms = -1;
  #readTo_ms = -1;
  /** When the client acknowledged one byte more, which may be the server's end and no payload. */
  #readOne_ms = -1;
  #isServerHeard = false;
  #isClosing = false;

  /** @param first what is seen first of it, from its client */
  constructor(
    first: SegmentView,
    private readonly host: ConversationHost,
  ) {
    if (first.flags & SYN) this.#saidUntil = seqAdd(first.sequence, 1);
    else {
      // In the middle of a request, perhaps: the next one is the first that is timed.
      this.#saidUntil = seqAdd(first.sequence, first.payloadLength);
      this.#readUntil = this.#spokeAt = first.acknowledgment;
    }
  }

  /** A segment of the client. */
  client(view: SegmentView, at_ms: number): Standing {
    const { flags, acknowledgment, payloadLength } = view;
    this.heardAt_ms = at_ms;
    if (flags & RST) return this.end();
    if (flags & ACK) this.#read(acknowledgment, at_ms);
    const from = flags & SYN ? seqAdd(view.sequence, 1) : view.sequence;
    const until = seqAdd(from, payloadLength);
    if (payloadLength > 0 && seqLt(this.#saidUntil, until)) this.#said(until, acknowledgment, at_ms);
    if (!(flags & FIN)) return 'open';
    this.#isClosing = true;
    return this.#isAnswered ? this.end() : 'open';
  }

  /** A segment of the server. */
  server({ flags, sequence, acknowledgment, payloadLength }: SegmentView, at_ms: number): Standing {
    this.heardAt_ms = at_ms;
    this.#isServerHeard = true;
    if (flags & RST) return this.end();
    const until = seqAdd(sequence, payloadLength + (flags & SYN ? 1 : 0));
    const isFresh = this.#givenUntil === undefined || seqLt(this.#givenUntil, until);
    if (isFresh) this.#givenUntil = until;
    if (
      isFresh &&
      payloadLength > 0 &&
      this.#askedFrom !== undefined &&
      seqLt(this.#askedFrom, acknowledgment)
    ) {
      if (this.#givenFrom_ms < 0) this.#givenFrom_ms = at_ms;
      this.#givenTo_ms = at_ms;
    }
    if (!(flags & FIN)) return 'open';
    this.#settle();
    return this.#isClosing ? 'over' : 'open';
  }

  /** Nothing more comes. */
  end(): Standing {
    this.#settle();
    return 'over';
  }

  get #isAnswered(): boolean {
    return this.#isServerHeard ? this.#givenFrom_ms >= 0 : this.#readFrom_ms >= 0;
  }

  #read(acknowledgment: number, at_ms: number): void {
    const bytes = this.#readUntil === undefined ? 0 : seqDiff(acknowledgment, this.#readUntil);
    if (this.#readUntil === undefined || bytes > 0) this.#readUntil = acknowledgment;
    if (bytes <= 0 || this.#askedFrom === undefined) return;
    if (bytes === 1 && this.#readOne_ms < 0) {
      this.#readOne_ms = at_ms;
      return;
    }
    this.#readOne();
    this.#readPayload(at_ms);
  }

  /** More came behind it: it was payload. */
  #readOne(): void {
    if (this.#readOne_ms >= 0) this.#readPayload(this.#readOne_ms);
    this.#readOne_ms = -1;
  }

  #readPayload(at_ms: number): void {
    if (this.#readFrom_ms < 0) this.#readFrom_ms = at_ms;
    this.#readTo_ms = at_ms;
  }

  #said(until: number, acknowledgment: number, at_ms: number): void {
    if (this.#spokeAt === undefined || seqLt(this.#spokeAt, acknowledgment)) {
      this.#readOne();
      this.#settle();
      this.#askedFrom = this.#saidUntil;
      this.#spokeAt = acknowledgment;
      this.#askedAt_ms = at_ms;
    } else if (this.#givenFrom_ms < 0 && this.#readFrom_ms < 0) this.#askedAt_ms = at_ms;
    this.#saidUntil = until;
  }

  #settle(): void {
    if (this.#askedFrom === undefined) return;
    const asked_ms = this.#askedAt_ms;
    if (!this.#isAnswered) this.host.unanswered();
    else if (this.#isServerHeard)
      this.host.answered('packets', this.#givenFrom_ms - asked_ms, this.#givenTo_ms - asked_ms);
    else this.host.answered('acknowledgments', this.#readFrom_ms - asked_ms, this.#readTo_ms - asked_ms);
    this.#askedFrom = undefined;
    this.#givenFrom_ms = this.#givenTo_ms = this.#readFrom_ms = this.#readTo_ms = this.#readOne_ms = -1;
  }
}
