/** A connection to the server, with its answers cut apart. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AnswerReader } from '../../lab/load/answers/answer-reader';
import { isWanted } from '../../lab/load/answers/answer';

const SILENCE_MAX_MS = 30_000;

export interface Place {
  readonly host: string;
  readonly port: number;
}

export class Connection {
  readonly #answers: AnswerReader;

  private constructor(
    readonly socket: Socket,
    silence_ms: number,
  ) {
    this.#answers = new AnswerReader(socket, 'http', silence_ms);
  }

  /** @param silence_ms the connection has failed when nothing passes through it for so long */
  static async open({ host, port }: Place, silence_ms = SILENCE_MAX_MS): Promise<Connection> {
    const socket = connect({ host, port, noDelay: true });
    const connection = new Connection(socket, silence_ms);
    await Promise.race([once(socket, 'connect'), connection.#answers.broken]);
    return connection;
  }

  /** Resolves when so many answers are whole. @throws Error when one is not good, or does not come */
  async answers(count: number): Promise<void> {
    for (let answered = 0; answered < count; answered += 1) {
      const answer = await this.#answers.next();
      if (!isWanted('http', 'good', answer)) throw new Error(`refused: ${answer.toString('latin1', 0, 80)}`);
    }
  }

  async ask(request: string): Promise<void> {
    this.socket.write(request);
    await this.answers(1);
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.end();
    await closed;
  }
}

export const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: online\r\n\r\n`;

/** Resolves when all are done, each with its number from 0. */
export async function together<T>(count: number, work: (number: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, number) => work(number)));
}
