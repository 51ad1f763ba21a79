/** Where replies come from: the test server's own queue, or the device by which its responses come in elsewhere. */
import type { Guard } from '../control/server';
import { SYN } from '../wire/tcp';
import { readSynOptions } from '../wire/tcp-options';
import type { Reply } from '../wire/reply';
import type { SegmentView } from '../wire/segment';

export interface ReplySource {
  /** What is caught where, for the log. */
  readonly description: string;
  readonly counters: Readonly<Record<string, number>>;
  /** Whether no response reaches a client, as far as it can be told here and now. */
  guard(): Guard;
  close(): void;
}

export type ReplyListener = (reply: Reply) => void;

export const ARMED: Guard = { armed: true, reason: '' };

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
