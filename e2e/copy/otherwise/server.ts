/** The program that plays all kinds of servers, in a node. Node takes the types off by itself: nothing here needs a bundler. */
import { openSync, writeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ending, ServerEvent, ServerManner, ServerTask, WrittenAnswer } from './tasks';

const [record = '', task = '{}'] = process.argv.slice(2);
const journal = openSync(record, 'w');

const ENDINGS_MAX = 20;
const LATE_TIMES = 1.5;

/** As large as it says, its line's end included. */
const line = (word: string, bytes: number): string => `${word.padEnd(bytes - 1, '.').slice(0, bytes - 1)}\n`;

function piecesOf({ bytes, pieces = 1 }: WrittenAnswer): string[] {
  const answer = line('answer', bytes);
  const size = Math.ceil(bytes / pieces);
  return Array.from({ length: pieces }, (_, index) => answer.slice(index * size, (index + 1) * size));
}

/** Different numbers that come again in each run. */
function answersBeforeEnd({ behind }: Ending, connection: number): number {
  return behind === 'any' ? 1 + ((connection * 13) % ENDINGS_MAX) : behind;
}

function note(event: Omit<ServerEvent, 'at_ms'>): void {
  writeSync(journal, `${JSON.stringify({ at_ms: Date.now(), ...event })}\n`);
}

/** Waits. @returns whether it took half as long again */
async function isLate(wait_ms: number): Promise<boolean> {
  if (wait_ms === 0) return false;
  const from_ms = performance.now();
  await sleep(wait_ms);
  return performance.now() - from_ms > wait_ms * LATE_TIMES;
}

/** Whether this program has had to wait for its turn on the machine. */
class Turns {
  readonly #every_ms = 20;
  readonly #late_ms = 100;
  readonly #noted_ms = 50;
  #last_ms = performance.now();
  #late = -Infinity;

  constructor() {
    setInterval(() => this.#look(), this.#every_ms).unref();
  }

  /** Now, or within the last second. */
  get areLate(): boolean {
    this.#look();
    return this.#last_ms - this.#late < 1000;
  }

  #look(): void {
    const now_ms = performance.now();
    if (now_ms - this.#last_ms > this.#late_ms) this.#late = now_ms;
    if (now_ms - this.#last_ms > this.#noted_ms) note({ port: 0, clientPort: 0, what: 'late' });
    this.#last_ms = now_ms;
  }
}
const turns = new Turns();

class Conversation {
  #heard = 0;
  #answered = 0;
  /** Requests whose answers are not at their end, the next one first. */
  readonly #owed: string[] = [];
  #pending = '';
  #isOver = false;
  #isStalled = false;
  /** While it does not read it does not hear of the client's end, which is behind its words. */
  #isEndUnread = false;
  readonly #clientPort: number;
  readonly #answersMax: number;
  #pushing: NodeJS.Timeout | undefined;

  readonly #socket: Socket;
  readonly #port: number;
  readonly #manner: ServerManner;

  constructor(socket: Socket, port: number, manner: ServerManner, connection: number) {
    this.#socket = socket;
    this.#port = port;
    this.#manner = manner;
    this.#clientPort = socket.remotePort ?? 0;
    this.#answersMax = manner.ends ? answersBeforeEnd(manner.ends, connection) : Infinity;
    this.#note('opened');
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('end', () => {
      if (this.#isStalled) this.#isEndUnread = true;
      else this.#clientEnds();
    });
    socket.on('close', () => {
      this.#clientEnds();
      this.#note('closed');
    });
    socket.on('data', (bytes) => this.#read(bytes.toString('latin1')));
    const { greeting_bytes, pushes } = manner;
    if (greeting_bytes !== undefined) socket.write(line('hello', greeting_bytes));
    if (pushes) this.#pushing = setInterval(() => socket.write(line('push', pushes.bytes)), pushes.every_ms);
  }

  #note(what: ServerEvent['what'], more: Partial<ServerEvent> = {}): void {
    note({ port: this.#port, clientPort: this.#clientPort, what, ...more });
  }

  #read(text: string): void {
    this.#pending += text;
    if (this.#isStalled) return;
    const lines = this.#pending.split('\n');
    this.#pending = lines.pop() ?? '';
    for (const words of lines) {
      const request = words.split(' ')[0] ?? '';
      if (!this.#isOver) this.#hear(request, lines.length > 1);
      else if (this.#manner.ends?.how === 'carries-out') this.#carryOut(request);
    }
  }

  #carryOut(request: string): void {
    this.#note('heard', { request });
    this.#note('died', { request });
  }

  /** @param together with others: it, or its machine, had other things to do */
  #hear(request: string, together: boolean): void {
    this.#note('heard', { request, early: this.#owed.length > 0, together });
    const { answers, ends } = this.#manner;
    const answer = answers[this.#heard % answers.length];
    this.#heard += 1;
    if (ends?.how.startsWith('dies') && this.#answered >= this.#answersMax) {
      this.#note('died', { request });
      this.#over();
      if (ends.how === 'dies') this.#socket.destroy();
      else this.#socket.resetAndDestroy();
      return;
    }
    if (answer === undefined || answer === 'none') return;
    this.#owed.push(request);
    if (answer.after_ms === undefined && answer.pieces === undefined) {
      this.#socket.write(line('answer', answer.bytes));
      this.#isAnswered();
    } else void this.#speak(answer);
  }

  async #speak(answer: WrittenAnswer): Promise<void> {
    const { after_ms = 0, pause_ms = 0 } = answer;
    let slow = await isLate(after_ms);
    for (const [index, piece] of piecesOf(answer).entries()) {
      if (index > 0 && (await isLate(pause_ms))) slow = true;
      if (this.#isOver) return;
      this.#socket.write(piece);
    }
    this.#isAnswered(slow);
  }

  #isAnswered(slow = false): void {
    this.#note('answered', { request: this.#owed.shift() ?? '', slow });
    this.#answered += 1;
    const { ends, stalls } = this.#manner;
    if (this.#answered === stalls?.behind) this.#stall(stalls.for_ms);
    if (!ends || ends.how.startsWith('dies') || this.#answered !== this.#answersMax) return;
    if (ends.after_ms === undefined) this.#end(ends);
    else setTimeout(() => this.#end(ends), ends.after_ms);
  }

  #stall(for_ms: number): void {
    this.#isStalled = true;
    setTimeout(() => {
      this.#isStalled = false;
      this.#read('');
      if (this.#isEndUnread) this.#clientEnds();
    }, for_ms);
  }

  #end({ how }: Ending): void {
    if (this.#isOver) return;
    this.#over();
    if (how === 'discards' || how === 'carries-out') this.#socket.end();
    else if (how === 'resets') this.#socket.resetAndDestroy();
    else this.#socket.destroySoon();
  }

  #clientEnds(): void {
    if (this.#isOver) return;
    for (const request of this.#owed) this.#note('cut-off', { request });
    this.#over();
    this.#socket.end();
  }

  #over(): void {
    this.#isOver = true;
    clearInterval(this.#pushing);
  }
}

class Place {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #connections = 0;
  readonly #port: number;
  readonly #manner: ServerManner;
  #isAway: boolean;

  constructor(port: number, manner: ServerManner) {
    this.#port = port;
    this.#manner = manner;
    this.#isAway = manner.away === 'refuses' || manner.away === 'resets';
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#connected(socket));
    if (manner.away !== 'refuses') this.#listen();
  }

  leave(): void {
    if (this.#manner.away !== 'leaves') return;
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  comeBack(): void {
    const { away } = this.#manner;
    this.#isAway = false;
    if (away === 'refuses' || away === 'leaves') this.#listen();
  }

  #listen(): void {
    this.#server.listen({ port: this.#port, host: '0.0.0.0', backlog: 1024 });
  }

  #connected(socket: Socket): void {
    this.#connections += 1;
    if (this.#isAway) {
      const [clientPort, slow] = [socket.remotePort ?? 0, turns.areLate];
      note({ port: this.#port, clientPort, what: 'opened', slow });
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    new Conversation(socket, this.#port, this.#manner, this.#connections);
  }
}

const places = Object.entries(JSON.parse(task) as ServerTask).map(
  ([port, manner]) => new Place(Number(port), manner),
);
process.on('SIGUSR1', () => {
  for (const place of places) place.leave();
});
process.on('SIGUSR2', () => {
  for (const place of places) place.comeBack();
});
process.stderr.write('ready\n');
