/** The program that plays all clients, side by side, in a node; it ends when all of them have. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientPart, ClientTask } from './tasks';

/** Nothing of this takes so long. */
const PATIENCE_MS = 10_000;

/** Reads lines, and knows which of them are awaited. */
class Reader {
  #pending = '';
  readonly #seen = new Map<string, number>();
  #awaited: { readonly word: string; readonly resolve: () => void } | undefined;

  read(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    for (const [word] of lines.map((words) => words.split('.'))) {
      if (word === undefined) continue;
      if (this.#awaited?.word !== word) this.#seen.set(word, (this.#seen.get(word) ?? 0) + 1);
      else {
        const { resolve } = this.#awaited;
        this.#awaited = undefined;
        resolve();
      }
    }
  }

  async line(word: string): Promise<void> {
    const seen = this.#seen.get(word) ?? 0;
    if (seen > 0) this.#seen.set(word, seen - 1);
    else await new Promise<void>((resolve) => (this.#awaited = { word, resolve }));
  }
}

async function play(part: ClientPart, connection: number): Promise<void> {
  const { host, port, localPort, client, name, begins_ms, isGreeted } = part;
  const { requests, how, pause_ms = 0, pipelined = 1, request_bytes = 0, apart_ms = 0, closes } = client;
  await sleep(begins_ms + apart_ms * connection);
  const socket = connect({ host, port, localPort: localPort + connection, noDelay: true });
  const reader = new Reader();
  const failed = new Promise<never>((_resolve, reject) => {
    socket.on('error', reject);
    socket.setTimeout(PATIENCE_MS, () => reject(new Error('nothing comes')));
  });
  const isClosed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('data', (bytes) => reader.read(bytes.toString('latin1')));
  const talk = async (): Promise<void> => {
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    if (isGreeted) await reader.line('hello');
    for (let index = 0; index < requests; index += 1) {
      if (index > 0 && pause_ms > 0) await sleep(pause_ms);
      socket.write(`${`${name}/${connection}-${index} `.padEnd(request_bytes - 1, '.')}\n`);
      const isLast = index === requests - 1 || (index + 1) % pipelined === 0;
      for (let left = how === 'asks' && isLast ? 1 + (index % pipelined) : 0; left > 0; left -= 1)
        await reader.line('answer');
    }
    await end(socket, closes);
    await isClosed;
  };
  await Promise.race([talk(), failed]);
}

/** Behind a moment, in which what was read is acknowledged. */
async function end(socket: Socket, closes: 'by-reset' | undefined): Promise<void> {
  await sleep(2);
  if (closes) socket.resetAndDestroy();
  else socket.end();
}

const parts = JSON.parse(process.argv[2] ?? '[]') as ClientTask;
const plays = parts.flatMap((part) =>
  Array.from({ length: part.client.connections }, async (_, connection) => {
    await play(part, connection).catch((reason: unknown) => {
      process.stdout.write(`${part.name}/${connection}: ${String(reason)}\n`);
    });
  }),
);
await Promise.all(plays);
process.exit();
