/** The commands that an agent has started: what they are told, and what they say. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import {
  exitStatusBody,
  FROM_AGENT,
  TO_AGENT,
  type CommandStart,
  type Frame,
  type FromAgent,
  type ToAgent,
} from './frames';

/** In the environment of all processes that a command starts: also of those that left its session. */
const MARK = 'TCPCOPY_LAB_COMMAND';
/** Statuses of a shell for a command that is not there, or may not be run. */
const NOT_FOUND = 127;
const NOT_STARTED = 126;
/** What a command leaves in the background may hold its output open; it is not waited for longer. */
const OUTPUT_MS = 1_000;

export type Say = (kind: FromAgent, command: number, body: Uint8Array | string) => void;

export class Commands {
  readonly #running = new Map<number, ChildProcess>();
  readonly #say: Say;

  constructor(say: Say) {
    this.#say = say;
  }

  /** A frame from the lab. */
  hear({ kind, command, body }: Frame<ToAgent>): void {
    switch (kind) {
      case TO_AGENT.start:
        this.#start(command, JSON.parse(body.toString()) as CommandStart);
        return;
      case TO_AGENT.input: {
        const input = this.#running.get(command)?.stdin;
        if (body.length > 0) input?.write(body);
        else input?.end();
        return;
      }
      case TO_AGENT.signal:
        signalMarked(markOf(command), body.toString() as NodeJS.Signals);
        return;
      case TO_AGENT.ping:
        this.#say(FROM_AGENT.pong, command, '');
        return;
    }
  }

  #start(command: number, { argv: [program, ...argv], input }: CommandStart): void {
    const child = spawn(program!, argv, {
      // A session of its own, as the engine gives to each command.
      detached: true,
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, [MARK]: markOf(command) },
    });
    this.#running.set(command, child);
    child.once('spawn', () => this.#say(FROM_AGENT.started, command, ''));
    child.stdout!.on('data', (bytes: Buffer) => this.#say(FROM_AGENT.stdout, command, bytes));
    child.stderr!.on('data', (bytes: Buffer) => this.#say(FROM_AGENT.stderr, command, bytes));
    // It need not read to the end what it is given.
    child.stdin?.on('error', () => undefined);
    let patience: NodeJS.Timeout | undefined;
    const end = (status: number): void => {
      clearTimeout(patience);
      if (this.#running.delete(command)) this.#say(FROM_AGENT.ended, command, exitStatusBody(status));
      child.stdout!.destroy();
      child.stderr!.destroy();
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      this.#say(FROM_AGENT.stderr, command, `${program}: ${error.message}\n`);
      end(error.code === 'ENOENT' ? NOT_FOUND : NOT_STARTED);
    });
    child.once('exit', (code, signal) => {
      const status = code ?? 128 + constants.signals[signal!];
      patience = setTimeout(end, OUTPUT_MS, status);
      child.once('close', () => end(status));
    });
  }
}

/** Another agent in the same node, of another lab command, numbers its commands from 1 as well. */
const markOf = (command: number): string => `${process.pid}-${command}`;

/** Signals every process that carries the mark in its environment. */
function signalMarked(mark: string, signal: NodeJS.Signals): void {
  const marked = `${MARK}=${mark}`;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (environment.includes(marked)) process.kill(Number(pid), signal);
    } catch {
      // It has ended meanwhile, or is nobody's to read.
    }
  }
}
