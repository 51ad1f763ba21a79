/** Where replies come from: the test server's own queue, or the device by which its responses come in elsewhere. */
import { FIN, RST, SYN } from '../../wire/tcp';
import { readSynOptions } from '../../wire/tcp-options';
import type { Endpoint } from '../../wire/flow';
import type { Reply, ReplyView, Route } from '../../wire/reply';
import type { SegmentView } from '../../wire/segment';

/** Since when it is proven, or `unproven`, by the reason and what mends it. */
export type Proof = { readonly provenAt_ms: number } | 'pending' | { readonly unproven: string };

export interface ReplySource {
  /** What is caught where, for the log. */
  readonly description: string;
  readonly counters: Readonly<Record<string, number>>;
  /**
   * Proves anew that responses of a copied endpoint are caught; to be called again and again.
   *
   * @returns `pending` when it is told by `caught` in a moment, or else found out by the next round
   */
  prove(copied: Endpoint, now_ms: number): Proof;
  /** Connections of these endpoints that may still send something; undefined where they are another machine's. */
  connections(copied: readonly Endpoint[]): readonly Route[] | undefined;
  close(): void;
}

export interface ReplyEvents {
  /** @param reply borrowed @returns whether it is compared */
  replied(reply: Reply): boolean;
  /** What was pending for this endpoint is proven, as it stood then. */
  proven(copied: Endpoint, at_ms: number): void;
}

export interface CapturedReplyEvents extends ReplyEvents {
  /** It is compared, and is here whole. @param at_ms when it came */
  response(view: SegmentView, at_ms: number): void;
}

/** Whoever reads the connection needs it: it is more than an acknowledgment. */
export const saysSomething = ({ payloadLength, flags }: SegmentView): boolean =>
  payloadLength > 0 || (flags & (SYN | FIN | RST)) !== 0;

/** Fills `reply` with what of a response is told to tcpcopy; `view` is addressed from the test server to the client. @param at_ms when it came */
export function fillReply(reply: ReplyView, view: SegmentView, at_ms: number): Reply {
  const options = view.flags & SYN ? readSynOptions(view.bytes, view.tcpOffset) : undefined;
  reply.clientAddress = view.destination;
  reply.clientPort = view.destinationPort;
  reply.serverAddress = view.source;
  reply.serverPort = view.sourcePort;
  reply.sequence = view.sequence;
  reply.acknowledgment = view.acknowledgment;
  reply.flags = view.flags;
  reply.window = view.window;
  reply.payloadLength = view.payloadLength;
  reply.maximumSegmentSize = options?.maximumSegmentSize;
  reply.windowScale = options?.windowScale;
  reply.at_ms = at_ms;
  return reply;
}
