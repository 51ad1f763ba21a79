/** Cuts what a server sends into answers. */
import type { Socket } from 'node:net';
import { answerLength } from './answer';
import type { Protocol } from '../requests/schedule';

export class AnswerReader {
  /** Rejects when the connection fails or the server is silent for too long. */
  readonly broken: Promise<never>;
  #pending: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(
    socket: Socket,
    private readonly protocol: Protocol,
    silence_ms: number,
  ) {
    this.broken = new Promise<never>((_resolve, reject) => {
      socket.setTimeout(silence_ms, () => reject(new Error(`no answer within ${silence_ms} ms`)));
      socket.on('error', reject);
    });
    this.broken.catch(() => undefined);
    socket.on('data', (chunk) => {
      this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
      this.#wake?.();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#wake?.();
    });
  }

  async next(): Promise<Buffer> {
    for (;;) {
      const length = answerLength[this.protocol](this.#pending, this.#ended);
      if (length !== undefined) {
        const answer = this.#pending.subarray(0, length);
        this.#pending = this.#pending.subarray(length);
        return answer;
      }
      if (this.#ended) throw new Error('the server closed the connection before its answer was whole');
      await this.#more();
    }
  }

  /** Resolves when the server has closed its side. */
  async end(): Promise<void> {
    while (!this.#ended) await this.#more();
  }

  #more(): Promise<void> {
    return Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), this.broken]);
  }
}
