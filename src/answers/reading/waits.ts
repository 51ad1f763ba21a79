/**
 * How long a server was silent in the middle of an answer for the sake of its client: what is longer than may be under way at once goes on
 * when the client has acknowledged, and what waits in a queue on its way out holds up what is behind it (in Linux, TCP small queues). A
 * copy's client, way and queue are others than the online server's, so that this is the time of neither server.
 */
import { seqAdd, seqDiff } from '../../wire/sequence';

/** So much may be under way before anything is acknowledged (RFC 3390); nobody waits with less. */
const FULL_BYTES = 4380;
/** What waited for its client or in a queue goes out within that; after a longer time its server has not had it before. */
const AT_ONCE_S = 0.005;
const SILENCES_MAX = 1000;
const EARLY_MAX = 100;

interface Silence {
  readonly from_s: number;
  took_s: number;
}

interface Heard {
  readonly acknowledgment: number;
  readonly window: number;
  readonly time_s: number;
}

export class Waits {
  /** Sequence number behind what the server has sent, when the last of it was, and how much of it was heard. */
  #sent: number | undefined;
  #sent_s = 0;
  #heard: number | undefined;
  /** The client takes nothing more. */
  #isShut = false;
  /** When an acknowledgment let the server go on. */
  #opened_s: number | undefined;
  /** Of what is not here yet: its packets were captured late. */
  #early: Heard[] = [];
  #silences: Silence[] = [];

  /** The server's segment. @param first sequence number of its payload */
  spoke(first: number, length: number, time_s: number): void {
    const end = seqAdd(first, length);
    if (length === 0 || (this.#sent !== undefined && seqDiff(end, this.#sent) <= 0)) return;
    const hearing = this.#early.find(({ acknowledgment }) => seqDiff(acknowledgment, end) >= 0);
    this.#say(end, Math.min(time_s, hearing?.time_s ?? Infinity));
    const early = this.#early;
    this.#early = [];
    for (const heard of early) this.#hear(heard);
  }

  /** The client's segment. @param window as it stands in the header */
  heard(acknowledgment: number, window: number, time_s: number): void {
    this.#hear({ acknowledgment, window, time_s });
  }

  #say(end: number, time_s: number): void {
    const took_s = Math.max(0, time_s - this.#sent_s);
    const since_s = this.#opened_s ?? this.#sent_s;
    if (this.#sent !== undefined && time_s - since_s <= AT_ONCE_S)
      this.#note({ from_s: this.#sent_s, took_s });
    this.#sent = end;
    this.#sent_s = time_s;
    this.#opened_s = undefined;
  }

  #hear(heard: Heard): void {
    const { acknowledgment, window, time_s } = heard;
    const before = this.#heard ?? acknowledgment;
    if (this.#sent !== undefined && seqDiff(acknowledgment, this.#sent) > 0) {
      if (this.#early.length < EARLY_MAX) this.#early.push(heard);
      return;
    }
    const isFull = this.#sent !== undefined && seqDiff(this.#sent, before) >= FULL_BYTES;
    const isMore = this.#isShut || (isFull && seqDiff(acknowledgment, before) > 0);
    if (isMore && window > 0) this.#opened_s = time_s;
    this.#isShut = window === 0;
    if (seqDiff(acknowledgment, before) >= 0) this.#heard = acknowledgment;
  }

  /** @returns seconds of that since then. What was before is forgotten: it is asked in the order of time */
  since(from_s: number): number {
    this.#silences = this.#silences.filter((silence) => silence.from_s >= from_s);
    return this.#silences.reduce((sum, { took_s }) => sum + took_s, 0);
  }

  #note(silence: Silence): void {
    const last = this.#silences.at(-1);
    if (last && this.#silences.length >= SILENCES_MAX) last.took_s += silence.took_s;
    else this.#silences.push(silence);
  }
}
