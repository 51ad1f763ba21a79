/** Everything that a virtual TCP client can say, as segments: stream offsets in, sequence numbers out. */
import { ACK, FIN, PSH, RST, SYN } from '../wire/tcp';
import type { Birth } from './birth';
import { toSequence } from './offsets';
import type { Piece } from './outbox';
import type { Receiver } from './receiver';
import type { OutgoingSegment } from './session-host';

/** Nothing is kept of what the test server sends, so there is always room. */
const ADVERTISED_WINDOW = 0xffff;

export class Speech {
  constructor(
    private readonly birth: Birth,
    private readonly receiver: Receiver,
    private readonly emit: (segment: OutgoingSegment, again: boolean) => void,
  ) {}

  syn(again: boolean): void {
    this.#say({ sequence: this.birth.initialSequence, flags: SYN, synOptions: this.birth.synOptions }, again);
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
    const payload = { payload: piece, payloadStart: start, payloadLength: length };
    this.#say({ ...this.#at(offset), flags, ...payload }, again);
  }

  /** Acknowledges what has come; before the window it is a probe that must be answered. */
  acknowledge(offset: number): void {
    this.#say({ ...this.#at(offset), flags: ACK });
  }

  reset(offset: number): void {
    this.#say({ ...this.#at(offset), flags: RST | ACK, window: 0 });
  }

  /** Resets what is not synchronized: a handshake under way, or a remnant that answered to it. */
  resetUnsynchronized(sequence: number): void {
    this.#say({ sequence, flags: RST, window: 0 });
  }

  #at(offset: number): { sequence: number; acknowledgment: number } {
    return {
      sequence: toSequence(offset, this.birth.initialSequence),
      acknowledgment: this.receiver.acknowledgment(),
    };
  }

  #say(said: Pick<OutgoingSegment, 'sequence' | 'flags'> & Partial<OutgoingSegment>, again = false): void {
    const silence = { acknowledgment: 0, payload: undefined, payloadStart: 0, payloadLength: 0 };
    this.emit({ ...silence, window: ADVERTISED_WINDOW, ...said }, again);
  }
}
