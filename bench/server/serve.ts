/** A server whose answers are of the kind, size and time that it was asked for, and which writes down what it hears. */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { piecesOf, RequestReader, requestLineOf } from './pieces';
import type { Answer, AnswerInPieces, Remark, ServerTask } from './task';

export interface Heard {
  /** The client's end, as `address:port`. */
  readonly connection: string;
  /** Place in its connection, from 1. */
  readonly ordinal: number;
  readonly method: string;
  readonly target: string;
  /** Bytes. */
  readonly length: number;
  readonly answer: Answer;
}

export interface Records {
  heard(request: Heard): void;
  remark(remark: Remark, target: string): void;
}

/** @returns a server that does not listen yet */
export const serverFor = (task: Omit<ServerTask, 'port'>, records: Records): Server =>
  createServer({ allowHalfOpen: true, noDelay: true }, (socket) => new Conversation(socket, task, records));

class Conversation {
  readonly #client: string;
  readonly #requests = new RequestReader();
  /** In order, the one that is being given first. */
  readonly #owed: { readonly target: string; readonly answer: AnswerInPieces }[] = [];
  #ordinal = 0;
  #clientEnded = false;

  constructor(
    private readonly socket: Socket,
    private readonly task: Omit<ServerTask, 'port'>,
    private readonly records: Records,
  ) {
    this.#client = `${socket.remoteAddress}:${socket.remotePort}`;
    const { push } = task;
    const pushing = push && setInterval(() => socket.write('p'.repeat(push.bytes)), push.every_ms);
    const end = (): void => {
      clearInterval(pushing);
      this.#clientEnds();
    };
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      for (const head of this.#requests.add(String(text))) this.#hear(head);
    });
    socket.on('error', end).on('close', end).on('end', end);
  }

  #hear(head: string): void {
    const { answers } = this.task;
    const answer = answers[this.#ordinal % answers.length]!;
    const [method, target] = requestLineOf(head);
    const ordinal = (this.#ordinal += 1);
    this.records.heard({ connection: this.#client, ordinal, method, target, length: head.length, answer });
    if (this.#owed.length > 0) this.records.remark('early', target);
    if (answer === 'none') return;
    this.#owed.push({ target, answer });
    if (this.#owed.length === 1) void this.#speak();
  }

  async #speak(): Promise<void> {
    for (let next = this.#owed[0]; next; next = this.#owed[0]) {
      const { after_ms = 0, pause_ms = 0 } = next.answer;
      for (const [index, piece] of piecesOf(next.answer).entries()) {
        const wait_ms = index === 0 ? after_ms : pause_ms;
        if (wait_ms > 0) await sleep(wait_ms);
        if (this.#clientEnded) return;
        this.socket.write(piece);
      }
      this.#owed.shift();
    }
  }

  /** Who has closed his side does not wait for answers any more: so do servers take it, too. */
  #clientEnds(): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    for (const { target } of this.#owed) this.records.remark('cut-off', target);
    this.socket.end();
  }
}
