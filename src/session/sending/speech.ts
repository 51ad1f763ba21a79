/** Everything that a virtual TCP client can say, as segments: stream offsets in, sequence numbers out. */
import { ACK, FIN, PSH, RST, SYN } from '../../wire/tcp';
import { toSequence } from '../stream/offsets';
import type { Piece } from '../stream/outbox';
import * as receiver from '../receiving/receiver';
import type { OutgoingSegment, SynOptions } from './segment';

/** Nothing is kept of what the test server sends, so there is always room. */
const ADVERTISED_WINDOW = 0xffff;

/** Who speaks. */
export type Speaker = receiver.Receiver & {
  /** Of this connection: the sequence number of stream offset 0. */
  readonly initialSequence: number;
  /** The SYN stands right before this stream offset. */
  readonly saidFrom: number;
  readonly synOptions: SynOptions;
  /** Where segments go. */
  emit(segment: OutgoingSegment, again: boolean): void;
};

export function syn(of: Speaker, again: boolean): void {
  const { initialSequence, saidFrom, synOptions } = of;
  say(
    of,
    toSequence(saidFrom - 1, initialSequence),
    0,
    SYN,
    ADVERTISED_WINDOW,
    undefined,
    0,
    0,
    synOptions,
    again,
  );
}

/** `length` bytes of `piece` from `start`, which stand at `offset`; without a piece only the FIN. */
export function data(
  of: Speaker,
  offset: number,
  piece: Piece | undefined,
  start: number,
  length: number,
  fin: boolean,
  again: boolean,
): void {
  const last = piece !== undefined && start + length === piece.length;
  const flags = ACK | (last && piece.push ? PSH : 0) | (fin ? FIN : 0);
  sayAt(of, offset, flags, ADVERTISED_WINDOW, piece, start, length, again);
}

/** Acknowledges what has come; before the window it is a probe that must be answered. */
export function acknowledge(of: Speaker, offset: number): void {
  sayAt(of, offset, ACK, ADVERTISED_WINDOW, undefined, 0, 0, false);
}

export function reset(of: Speaker, offset: number): void {
  sayAt(of, offset, RST | ACK, 0, undefined, 0, 0, false);
}

/** Resets what is not synchronized: a handshake under way, or a remnant that answered to it. */
export function resetUnsynchronized(of: Speaker, sequence: number): void {
  say(of, sequence, 0, RST, 0, undefined, 0, 0, undefined, false);
}

function sayAt(
  of: Speaker,
  offset: number,
  flags: number,
  window: number,
  payload: Piece | undefined,
  payloadStart: number,
  payloadLength: number,
  again: boolean,
): void {
  const sequence = toSequence(offset, of.initialSequence);
  const acknowledgment = receiver.acknowledgment(of);
  say(of, sequence, acknowledgment, flags, window, payload, payloadStart, payloadLength, undefined, again);
}

/** One object for all segments. */
const said: { -readonly [Field in keyof OutgoingSegment]: OutgoingSegment[Field] } = {
  sequence: 0,
  acknowledgment: 0,
  flags: 0,
  window: 0,
  payload: undefined,
  payloadStart: 0,
  payloadLength: 0,
  synOptions: undefined,
};

function say(
  of: Speaker,
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
  said.sequence = sequence;
  said.acknowledgment = acknowledgment;
  said.flags = flags;
  said.window = window;
  said.payload = payload;
  said.payloadStart = payloadStart;
  said.payloadLength = payloadLength;
  said.synOptions = synOptions;
  of.emit(said, again);
  // What it held of a client is not held by it.
  said.payload = undefined;
}
