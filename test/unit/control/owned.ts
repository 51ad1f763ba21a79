/** A message that may be kept: its lists are no longer read from bytes that are lent. */
import type { FrameDecoder } from '../../../src/control/frames';
import type { Message } from '../../../src/control/messages';

export function owned(message: Message): Message {
  if ('routes' in message) return { ...message, routes: [...message.routes] };
  return message.kind === 'replies' ? { ...message, replies: [...message.replies] } : message;
}

/** All that bytes bring, each message owned before the next is read. */
export const messagesIn = (decoder: FrameDecoder, bytes: Uint8Array): Message[] =>
  Array.from(decoder.push(bytes), owned);
