/** Where replies come from: the test server's own queue, or the device by which its responses come in elsewhere. */
import { SYN } from '../wire/tcp';
import { readSynOptions } from '../wire/tcp-options';
import type { Endpoint } from '../wire/flow';
import type { Reply, Route } from '../wire/reply';
import type { SegmentView } from '../wire/segment';

export interface ReplySource {
  /** What is caught where, for the log. */
  readonly description: string;
  readonly counters: Readonly<Record<string, number>>;
  /**
   * Proves anew that responses of a copied endpoint are caught; to be called again and again.
   *
   * @returns why it is not proven, and what mends it; undefined when it is
   */
  prove(copied: Endpoint, now_ms: number): string | undefined;
  /** Connections of these endpoints that may still send something; undefined where they are another machine's. */
  connections(copied: readonly Endpoint[]): readonly Route[] | undefined;
  close(): void;
}

export type ReplyListener = (reply: Reply) => void;

/** The response as it is told to tcpcopy; `view` is addressed from the test server to the client. */
export function replyFrom(view: SegmentView): Reply {
  const options = view.flags & SYN ? readSynOptions(view.bytes, view.tcpOffset) : undefined;
  return {
    clientAddress: view.destination,
    clientPort: view.destinationPort,
    serverAddress: view.source,
    serverPort: view.sourcePort,
    sequence: view.sequence,
    acknowledgment: view.acknowledgment,
    flags: view.flags,
    window: view.window,
    payloadLength: view.payloadLength,
    maximumSegmentSize: options?.maximumSegmentSize,
    windowScale: options?.windowScale,
  };
}
