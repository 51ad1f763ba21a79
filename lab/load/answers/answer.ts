/** Where an answer ends: its length in bytes once it is whole, undefined while bytes are missing. */
import { httpAnswerLength } from './http-answer';
import type { Protocol } from '../requests/schedule';

/** @param hasEnded the server has closed its side: no byte comes behind these */
export type AnswerLength = (bytes: Buffer, hasEnded?: boolean) => number | undefined;

export const answerLength: Record<Protocol, AnswerLength> = {
  http: httpAnswerLength,
  redis: (bytes) => redisAnswerLength(bytes, 0),
};

/** `good`: servers of the lab do what the load asks. `any`: others may not know what it asks for, and say so. */
export type AnswersWanted = 'good' | 'any';

/** True when the server did what is wanted of it. */
export function isWanted(protocol: Protocol, wanted: AnswersWanted, answer: Buffer): boolean {
  if (protocol === 'redis') return wanted === 'any' || answer[0] !== ERROR;
  return (wanted === 'any' ? ANY : OK).test(answer.toString('latin1', 0, 13));
}

const OK = /^HTTP\/1\.1 200 /;
const ANY = /^HTTP\/1\.[01] \d{3}/;
const ERROR = 0x2d; // '-', RESP's simple error

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
