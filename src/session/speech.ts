/** Everything that a virtual TCP client can say, as segments: stream offsets in, sequence numbers out. */
import { ACK, FIN, PSH, RST, SYN } from '../wire/tcp';
import type { Birth } from './birth';
import { toSequence } from './offsets';
import type { Piece } from './outbox';
import type { Receiver } from './receiver';
import type { OutgoingSegment, SynOptions } from './session-host';

/** Nothing is kept of what the test server sends, so there is always room. */
const ADVERTISED_WINDOW = 0xffff;

/** Where segments go. */
export interface Mouth {
  emit(segment: OutgoingSegment, again: boolean): void;
}

export class Speech {
  constructor(
    private readonly birth: Birth,
    private readonly receiver: Receiver,
    private readonly mouth: Mouth,
  ) {}

  syn(again: boolean): void {
    const { initialSequence, synOptions } = this.birth;
    this.#say(initialSequence, 0, SYN, ADVERTISED_WINDOW, undefined, 0, 0, synOptions, again);
  }

  /** `length` bytes of `piece` from `start`, which stand at `offset`; without a piece only the FIN. */
  data(
    offset: number,
    piece: Piece | undefined,
    start: number,
    length: number,
    fin: boolean,
    again: boolean,
  ): void {
    const last = piece !== undefined && start + length === piece.bytes.length;
    const flags = ACK | (last && piece.push ? PSH : 0) | (fin ? FIN : 0);
    this.#sayAt(offset, flags, ADVERTISED_WINDOW, piece, start, length, again);
  }

  /** Acknowledges what has come; before the window it is a probe that must be answered. */
  acknowledge(offset: number): void {
    this.#sayAt(offset, ACK, ADVERTISED_WINDOW, undefined, 0, 0, false);
  }

  reset(offset: number): void {
    this.#sayAt(offset, RST | ACK, 0, undefined, 0, 0, false);
  }

  /** Resets what is not synchronized: a handshake under way, or a remnant that answered to it. */
  resetUnsynchronized(sequence: number): void {
    this.#say(sequence, 0, RST, 0, undefined, 0, 0, undefined, false);
  }

  #sayAt(
    offset: number,
    flags: number,
    window: number,
    payload: Piece | undefined,
    payloadStart: number,
    payloadLength: number,
    again: boolean,
  ): void {
    const sequence = toSequence(offset, this.birth.initialSequence);
    const acknowledgment = this.receiver.acknowledgment();
    this.#say(
      sequence,
      acknowledgment,
      flags,
      window,
      payload,
      payloadStart,
      payloadLength,
      undefined,
      again,
    );
  }

  /** One literal for all segments: every packet passes here, and objects put together from others cost a µs each. */
  #say(
    sequence: number,
    acknowledgment: number,
    flags: number,
    window: number,
    payload: Piece | undefined,
    payloadStart: number,
    payloadLength: number,
    synOptions: SynOptions | undefined,
    again: boolean,
  ): void {
    this.mouth.emit(
      { sequence, acknowledgment, flags, window, payload, payloadStart, payloadLength, synOptions },
      again,
    );
  }
}
