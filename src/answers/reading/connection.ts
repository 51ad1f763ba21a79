/** One connection of a client: both streams put in order, and read by the protocol that its first bytes are of. */
import { seqAdd, seqDiff } from '../../wire/sequence';
import type { Exchange, Kept, Reader } from './exchange';
import { OrderedBytes } from './ordered-bytes';
import { readerFor, spokenIn, type Spoken } from './protocol';
import { Waits } from './waits';

interface Said {
  readonly who: 'client' | 'server';
  readonly bytes: Buffer;
  readonly time_s: number;
}

const HELD_BYTES_MAX = 64 * 1024;

export class Connection {
  /** Undefined until that can be told. */
  spoken: Spoken | undefined;
  readonly #client: OrderedBytes;
  #server: OrderedBytes | undefined;
  #reader: Reader | undefined;
  /** What both have said, as long as the client's part is too little to tell what they speak. */
  #held: Said[] = [];
  #reset = false;
  #over = false;
  /** What each has acknowledged of the other. */
  #heard: { client?: number; server?: number } = {};
  #told = 0;
  #hasAnswered = false;
  readonly #waits = new Waits();
  #opened_s: number | undefined;
  #accepted_s: number | undefined;

  /**
   * @param client its end, as `address:port`
   * @param from sequence number of the first byte of its stream
   * @param joined it began before; the server may be in the middle of an answer
   */
  constructor(
    readonly client: string,
    readonly from: number,
    private readonly joined: boolean,
    private readonly kept: Kept,
    private readonly tell: (exchange: Exchange) => void,
  ) {
    this.#client = new OrderedBytes(from, (bytes, time_s) => this.#take({ who: 'client', bytes, time_s }));
  }

  /** Both have said all that they will. */
  get isOver(): boolean {
    return this.#reset || this.#server?.ended === true;
  }

  /** What the capture lost cannot be read past. */
  get isBroken(): boolean {
    return this.#client.broken || this.#server?.broken === true;
  }

  /** Something is missing in it, as far as it can be known. */
  get hasHole(): boolean {
    return this.#client.hasHole(this.#heard.server) || this.#server?.hasHole(this.#heard.client) === true;
  }

  /** All is there that the server acknowledges by this. */
  hasSaid(acknowledgment: number): boolean {
    return this.#client.has(acknowledgment);
  }

  /** The server has said something, as its client acknowledges, and nothing of it is here. */
  get isOneSided(): boolean {
    return !this.#hasAnswered && this.#server?.hasHole(this.#heard.client) === true;
  }

  /** Sequence number of the client's next byte. */
  get expected(): number {
    return this.#client.expected;
  }

  /** Why its rest is not read, if so. */
  get gaveUp(): string | undefined {
    return this.#reader?.gaveUp;
  }

  /** Where the server's stream begins, known once. */
  serverFrom(sequence: number): void {
    this.#server ??= new OrderedBytes(sequence, (bytes, time_s) =>
      this.#take({ who: 'server', bytes, time_s }),
    );
  }

  /** The client asks for it. */
  opened(time_s: number): void {
    this.#opened_s = time_s;
  }

  accepted(time_s: number): void {
    if (this.#opened_s !== undefined) this.#accepted_s ??= time_s - this.#opened_s;
  }

  said(sequence: number, bytes: Buffer, time_s: number): void {
    this.#client.add(sequence, bytes, time_s);
  }

  answered(sequence: number, bytes: Buffer, time_s: number): void {
    this.serverFrom(sequence);
    this.#hasAnswered ||= bytes.length > 0;
    this.#waits.spoke(sequence, bytes.length, time_s);
    this.#server!.add(sequence, bytes, time_s);
  }

  clientEnds(sequence: number): void {
    this.#client.end(sequence);
  }

  serverEnds(sequence: number): void {
    this.serverFrom(sequence);
    this.#server!.end(sequence);
  }

  /** One of both says how far it has heard the other. */
  heard(who: 'client' | 'server', acknowledgment: number): void {
    const before = this.#heard[who];
    if (before === undefined || seqDiff(acknowledgment, before) > 0) this.#heard[who] = acknowledgment;
  }

  /** The client says how far it has heard the server, and how much more it takes. @param window as it stands in the header */
  takes(acknowledgment: number, window: number, time_s: number): void {
    this.serverFrom(acknowledgment);
    this.heard('client', acknowledgment);
    this.#waits.heard(acknowledgment, window, time_s);
  }

  reset(): void {
    this.#reset = true;
  }

  /** @param mightCome whether what was asked at that time may still be answered while the connection is open */
  close(mightCome: (requested_s: number) => boolean): void {
    if (this.#over) return;
    if (this.#held.length > 0) this.#speak('other');
    this.#over = true;
    const closed = !this.#reset && this.#server?.ended === true;
    const { hasHole } = this;
    this.#reader?.end(closed, (requested_s) => hasHole || (!this.isOver && mightCome(requested_s)));
  }

  #take(said: Said): void {
    if (this.#over) return;
    if (this.spoken !== undefined) {
      this.#read(said);
      return;
    }
    this.#held.push({ ...said, bytes: Buffer.from(said.bytes) });
    const words = this.#held.filter(({ who }) => who === 'client').map(({ bytes }) => bytes);
    const held_bytes = this.#held.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const spoken = words.length > 0 ? spokenIn(Buffer.concat(words)) : undefined;
    if (spoken) this.#speak(spoken);
    else if (held_bytes > HELD_BYTES_MAX) this.#speak('other');
  }

  #read({ who, bytes, time_s }: Said): void {
    if (who === 'client') this.#reader?.request(bytes, time_s);
    else this.#reader?.response(bytes, time_s);
  }

  #speak(spoken: Spoken): void {
    this.spoken = spoken;
    const { client, from } = this;
    this.#reader = readerFor(spoken, this.kept, ({ offset, ...exchange }) => {
      const accepted_s = this.#told === 0 ? this.#accepted_s : undefined;
      this.#told += 1;
      // The end of an earlier answer stands before it.
      if (this.joined && this.#told === 1 && exchange.outcome === 'unreadable') return;
      const waited_s = this.#waits.since(exchange.requested_s);
      const sequence = seqAdd(from, offset);
      this.tell({ ...exchange, client, sequence, waited_s, ...(accepted_s !== undefined && { accepted_s }) });
    });
    for (const said of this.#held) this.#read(said);
    this.#held = [];
  }
}
