/** What a client sends in one connection, as frames. */
import { ACK, FIN, PSH, SYN } from '../../../../src/wire/tcp';
import { tcp, type End, type TestFrame } from './frames';

export interface Conversation {
  readonly client: End;
  readonly server: End;
  /** Each travels in a segment of its own. */
  readonly pieces: readonly Uint8Array[];
  readonly initialSequence?: number;
}

/** The SYN, a segment for each piece, and the FIN; answers are not shown. */
export function framesOf({ client, server, pieces, initialSequence = 1000 }: Conversation): TestFrame[] {
  const speaker = new Speaker(client, server, initialSequence);
  return [speaker.syn(), ...pieces.map((piece) => speaker.say(piece)), speaker.fin()];
}

/** Counts its sequence numbers. */
export class Speaker {
  #sent = 0;

  constructor(
    readonly client: End,
    readonly server: End,
    readonly initialSequence = 1000,
  ) {}

  syn(payload?: Uint8Array): TestFrame {
    this.#sent += payload?.length ?? 0;
    return tcp(this.client, this.server, {
      flags: SYN,
      sequence: this.initialSequence,
      ...(payload && { payload }),
    });
  }

  say(payload: Uint8Array): TestFrame {
    const frame = this.at(this.#sent, payload);
    this.#sent += payload.length;
    return frame;
  }

  fin(): TestFrame {
    return this.at(this.#sent, new Uint8Array(0), FIN | ACK);
  }

  /** A segment at an offset of the stream, whatever was sent before. */
  at(offset: number, payload: Uint8Array, flags = PSH | ACK): TestFrame {
    const sequence = (this.initialSequence + 1 + offset) >>> 0;
    return tcp(this.client, this.server, { flags, sequence, payload });
  }
}

/** Cuts before each of the offsets. */
export function cut(bytes: Uint8Array, ...offsets: readonly number[]): Uint8Array[] {
  const bounds = [0, ...offsets, bytes.length];
  return bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end));
}
