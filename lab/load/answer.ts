/** Where an answer ends: its length in bytes once it is whole, undefined while bytes are missing. */
import type { Protocol } from './schedule';

export type AnswerLength = (bytes: Buffer) => number | undefined;

export const answerLength: Record<Protocol, AnswerLength> = {
  http: httpAnswerLength,
  redis: (bytes) => redisAnswerLength(bytes, 0),
};

/** True when the server did what it was asked. */
export function isGood(protocol: Protocol, answer: Buffer): boolean {
  return protocol === 'http' ? answer.subarray(0, 13).equals(OK) : answer[0] !== ERROR;
}

const OK = Buffer.from('HTTP/1.1 200 ');
const ERROR = 0x2d; // '-', RESP's simple error

/** Answers with a Content-Length only, which is what the lab's servers send (RFC 9112, section 6). */
function httpAnswerLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end));
  const whole = end + 4 + Number(length?.[1] ?? 0);
  return bytes.length >= whole ? whole : undefined;
}

/** Offset behind the reply that begins at `at` (RESP2). */
function redisAnswerLength(bytes: Buffer, at: number): number | undefined {
  const end = bytes.indexOf('\r\n', at);
  if (end < 0) return undefined;
  const kind = String.fromCharCode(bytes[at]!);
  const count = Number(bytes.toString('latin1', at + 1, end));
  if (kind === '$') {
    const behind = count < 0 ? end + 2 : end + 2 + count + 2;
    return bytes.length >= behind ? behind : undefined;
  }
  if (kind !== '*') return end + 2;
  let next = end + 2;
  for (let item = 0; item < count; item += 1) {
    const behind = redisAnswerLength(bytes, next);
    if (behind === undefined) return undefined;
    next = behind;
  }
  return next;
}
