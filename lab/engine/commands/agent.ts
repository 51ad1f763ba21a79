/** The agents of nodes, as the lab sees them: one for each container or machine, started when it is first needed. */
import {
  FROM_AGENT,
  FrameReader,
  frameOf,
  framesOf,
  TO_AGENT,
  type Frame,
  type FromAgent,
} from '../../agent/frames';
import { openWay, type AgentWay } from './agent-way';
import type { NodeBody } from './body';
import type { ExecResult } from './lab';

export interface AgentCommand {
  /** What it wrote to standard error so far. */
  readonly stderr: () => string;
  /** Signals it, and all that it has started. */
  readonly signal: (name: 'INT' | 'KILL') => void;
  /** Resolves when it runs, or has ended already. */
  readonly started: Promise<void>;
  readonly ended: Promise<ExecResult>;
}

interface Pending {
  readonly begin: () => void;
  readonly stdout: Buffer[];
  readonly stderr: Buffer[];
  readonly resolve: (result: ExecResult) => void;
  readonly reject: (error: Error) => void;
}

/** How often an agent that runs commands is asked whether it is there, and after how many questions without a word it is not. */
const PING_EVERY_MS = 5_000;
const PINGS_MAX = 4;

/** By the ids of containers and machines. */
const agents = new Map<string, Promise<Agent>>();

/** Starts `argv` in a node; rejects when it does not run, or does not answer. */
export async function startByAgent(
  body: NodeBody,
  argv: readonly string[],
  input?: Uint8Array | string,
): Promise<AgentCommand> {
  return (await agentIn(body)).start(argv, input);
}

/** Starts the agent of a node that is to be asked soon. */
export function awaken(body: NodeBody): void {
  void agentIn(body).catch(() => undefined);
}

function agentIn(body: NodeBody): Promise<Agent> {
  const running = agents.get(body.id);
  if (running) return running;
  const agent = Agent.open(body, () => agents.delete(body.id));
  agents.set(body.id, agent);
  agent.catch(() => agents.delete(body.id));
  return agent;
}

class Agent {
  readonly #way: AgentWay;
  readonly #pending = new Map<number, Pending>();
  readonly #reader = new FrameReader<FromAgent>();
  /** What the agent says outside of frames, before it ends. */
  readonly #complaints: Buffer[] = [];
  readonly #onGone: () => void;
  #last = 0;
  #pinging: NodeJS.Timeout | undefined;
  /** Since something was heard. */
  #pings = 0;
  #unsent = 0;

  static async open(body: NodeBody, onGone: () => void): Promise<Agent> {
    return new Agent(await openWay(body), onGone);
  }

  private constructor(way: AgentWay, onGone: () => void) {
    this.#way = way;
    this.#onGone = onGone;
    way.listen({
      stdout: (bytes) => {
        this.#pings = 0;
        for (const frame of this.#reader.read(bytes)) this.#hear(frame);
      },
      stderr: (bytes) => this.#complaints.push(bytes),
      gone: () => this.#gone(),
    });
    way.keepAwake(false);
  }

  start(argv: readonly string[], input?: Uint8Array | string): AgentCommand {
    const command = ++this.#last;
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    let begin!: () => void;
    const started = new Promise<void>((resolve) => (begin = resolve));
    const ended = new Promise<ExecResult>((resolve, reject) => {
      this.#pending.set(command, { begin, stdout, stderr, resolve, reject });
    });
    this.#way.keepAwake(true);
    this.#pinging ??= setInterval(() => this.#ping(), PING_EVERY_MS);
    this.#way.write(frameOf(TO_AGENT.start, command, JSON.stringify({ argv, input: input !== undefined })));
    if (input !== undefined) {
      for (const frame of framesOf(TO_AGENT.input, command, Buffer.from(input))) this.#way.write(frame);
      this.#way.write(frameOf(TO_AGENT.input, command));
    }
    return {
      stderr: () => Buffer.concat(stderr).toString(),
      signal: (name) => {
        if (this.#pending.has(command)) this.#way.write(frameOf(TO_AGENT.signal, command, `SIG${name}`));
      },
      started: Promise.race([started, ended.then(nothing, nothing)]),
      ended,
    };
  }

  #hear({ kind, command, body }: Frame<FromAgent>): void {
    const pending = this.#pending.get(command);
    if (!pending) return;
    switch (kind) {
      case FROM_AGENT.started:
        pending.begin();
        return;
      case FROM_AGENT.stdout:
        pending.stdout.push(body);
        return;
      case FROM_AGENT.stderr:
        pending.stderr.push(body);
        return;
      case FROM_AGENT.pong:
        return;
      case FROM_AGENT.ended:
        this.#forget(command);
        pending.resolve({
          exitCode: body.readInt32BE(0),
          stdout: Buffer.concat(pending.stdout),
          stderr: Buffer.concat(pending.stderr),
        });
        return;
    }
  }

  #forget(command: number): void {
    this.#pending.delete(command);
    if (this.#pending.size > 0) return;
    this.#way.keepAwake(false);
    clearInterval(this.#pinging);
    this.#pinging = undefined;
    this.#pings = 0;
  }

  /** Nobody may be at the other end, and the way say nothing of it. Questions are counted: this process may have been stopped itself. */
  #ping(): void {
    // What is still being sent shows that somebody reads.
    const unsent = this.#way.unsent();
    if (unsent < this.#unsent) this.#pings = 0;
    this.#unsent = unsent;
    this.#pings += 1;
    if (this.#pings > PINGS_MAX) this.#end(this.#way.silent((PING_EVERY_MS * PINGS_MAX) / 1000));
    else this.#way.write(frameOf(TO_AGENT.ping, 0));
  }

  #gone(): void {
    this.#end(this.#way.cutOff(Buffer.concat(this.#complaints).toString().trim()));
  }

  #end(why: Error): void {
    this.#onGone();
    for (const [command, { reject }] of this.#pending) {
      this.#forget(command);
      reject(why);
    }
  }
}

const nothing = (): void => undefined;
