/** Requests cut from what a client says, and answers cut into pieces. */
import type { AnswerInPieces } from './task';

const END = '\r\n\r\n';

/** Requests without bodies, such as GET: a head each. */
export class RequestReader {
  #pending = '';

  /** @returns those that are whole now */
  add(text: string): string[] {
    const heads = (this.#pending + text).split(END);
    this.#pending = heads.pop()!;
    return heads.map((head) => head + END);
  }
}

/** @returns method and target */
export function requestLineOf(head: string): readonly [method: string, target: string] {
  const [method = '', target = ''] = head.split(' ', 2);
  return [method, target];
}

/** As good as equal in size; together an answer whose end is known by its length (RFC 9112, section 6.3). */
export function piecesOf({ body_bytes, pieces = 1 }: AnswerInPieces): string[] {
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body_bytes}${END}${'x'.repeat(body_bytes)}`;
  const length = Math.ceil(answer.length / pieces);
  return Array.from({ length: pieces }, (_, index) => answer.slice(index * length, (index + 1) * length));
}
