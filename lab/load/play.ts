/** One planned connection, played over a real socket: each request when the answer to the one before is whole. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerReader } from './answers/answer-reader';
import { isWanted, type AnswersWanted } from './answers/answer';
import type { PlannedConnection, PlannedRequest, Protocol } from './requests/schedule';

export interface PlayTarget {
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly answers: AnswersWanted;
  /** The address that the connection comes from; undefined for the machine's own. */
  readonly from?: string | undefined;
  readonly answerTimeout_ms: number;
}

/** What is told while a connection is played. */
export interface PlayObserver {
  /** Resolves when the next request may be sent; with false when there shall be none any more. */
  pace(): Promise<boolean>;
  connected(localPort: number): void;
  sent(request: PlannedRequest): void;
  answered(request: PlannedRequest, latency_ms: number): void;
  failed(request: PlannedRequest, reason: string): void;
}

/** Between the parts of a request that travels in several segments. */
const FRAGMENT_PAUSE_MS = 2;
const CLOSE_TIMEOUT_MS = 1_000;

/** Resolves when the connection is closed; what went wrong is told to the observer. */
export async function playConnection(
  connection: PlannedConnection,
  target: PlayTarget,
  observer: PlayObserver,
): Promise<void> {
  const { host, port, from } = target;
  const socket = connect({ host, port, noDelay: true, ...(from !== undefined && { localAddress: from }) });
  const answers = new AnswerReader(socket, target.protocol, target.answerTimeout_ms);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let at = 0;
  try {
    await Promise.race([once(socket, 'connect'), answers.broken]);
    observer.connected(socket.localPort!);
    for (; at < connection.requests.length; at += 1) {
      const request = connection.requests[at]!;
      if (!(await observer.pace())) return;
      const began_ms = performance.now();
      observer.sent(request);
      await write(socket, request);
      const answer = await answers.next();
      if (!isWanted(target.protocol, target.answers, answer))
        throw new Error(`the server refused: ${firstLine(answer)}`);
      observer.answered(request, performance.now() - began_ms);
    }
    if (connection.closedBy === 'server') await answers.end();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    for (const request of connection.requests.slice(at)) observer.failed(request, reason);
  } finally {
    socket.end();
    await Promise.race([closed, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    socket.destroy();
  }
}

async function write(socket: Socket, request: PlannedRequest): Promise<void> {
  let from = 0;
  for (const cut of [...request.cuts, request.bytes.length]) {
    if (from > 0) await sleep(FRAGMENT_PAUSE_MS);
    socket.write(request.bytes.subarray(from, cut));
    from = cut;
  }
}

const firstLine = (answer: Buffer): string => answer.toString('latin1', 0, 80).split('\r\n')[0]!;
