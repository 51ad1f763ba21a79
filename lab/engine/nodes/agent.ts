/** The agents of nodes, as the lab sees them: one for each container, started when it is first needed. */
import type { Duplex } from 'node:stream';
import type { Container } from 'dockerode';
import {
  FROM_AGENT,
  FrameReader,
  frameOf,
  framesOf,
  TO_AGENT,
  type Frame,
  type FromAgent,
} from '../../agent/frames';
import { Demultiplexer } from '../docker/demultiplexer';
import { LabError } from '../docker/errors';
import type { ExecResult } from './lab';

const ARGV = ['/opt/tcpcopy-lab/bin/node', '/opt/tcpcopy-lab/programs/lab-agent.mjs'];

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

/** By the ids of containers. */
const agents = new Map<string, Promise<Agent>>();

/** Starts `argv` in a container; rejects when the container does not run. */
export async function startByAgent(
  container: Container,
  argv: readonly string[],
  input?: Uint8Array | string,
): Promise<AgentCommand> {
  return (await agentIn(container)).start(argv, input);
}

/** Starts the agent of a container that is to be asked soon. */
export function awaken(container: Container): void {
  void agentIn(container).catch(() => undefined);
}

function agentIn(container: Container): Promise<Agent> {
  const running = agents.get(container.id);
  if (running) return running;
  const agent = Agent.open(container, () => agents.delete(container.id));
  agents.set(container.id, agent);
  agent.catch(() => agents.delete(container.id));
  return agent;
}

class Agent {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  readonly #reader = new FrameReader<FromAgent>();
  /** What the agent says outside of frames, before it ends. */
  readonly #complaints: Buffer[] = [];
  readonly #onGone: () => void;
  #last = 0;

  static async open(container: Container, onGone: () => void): Promise<Agent> {
    const run = await container.exec({
      Cmd: ARGV,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    // Hijacking makes the connection a two-way stream.
    return new Agent(await run.start({ hijack: true, stdin: true }), onGone);
  }

  private constructor(stream: Duplex, onGone: () => void) {
    this.#stream = stream;
    this.#onGone = onGone;
    const demultiplexer = new Demultiplexer((output, bytes) => {
      if (output === 'stderr') this.#complaints.push(bytes);
      else for (const frame of this.#reader.read(bytes)) this.#hear(frame);
    });
    stream.on('data', (piece: Buffer) => demultiplexer.read(piece));
    for (const event of ['end', 'close', 'error']) stream.once(event, () => this.#gone());
    this.#keepAwake(false);
  }

  start(argv: readonly string[], input?: Uint8Array | string): AgentCommand {
    const command = ++this.#last;
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    let begin!: () => void;
    const started = new Promise<void>((resolve) => (begin = resolve));
    const ended = new Promise<ExecResult>((resolve, reject) => {
      this.#pending.set(command, { begin, stdout, stderr, resolve, reject });
    });
    this.#keepAwake(true);
    this.#stream.write(
      frameOf(TO_AGENT.start, command, JSON.stringify({ argv, input: input !== undefined })),
    );
    if (input !== undefined) {
      for (const frame of framesOf(TO_AGENT.input, command, Buffer.from(input))) this.#stream.write(frame);
      this.#stream.write(frameOf(TO_AGENT.input, command));
    }
    return {
      stderr: () => Buffer.concat(stderr).toString(),
      signal: (name) => {
        if (this.#pending.has(command)) this.#stream.write(frameOf(TO_AGENT.signal, command, `SIG${name}`));
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
    if (this.#pending.size === 0) this.#keepAwake(false);
  }

  #gone(): void {
    this.#onGone();
    const said = Buffer.concat(this.#complaints).toString().trim();
    for (const [command, { reject }] of this.#pending) {
      this.#forget(command);
      reject(
        new LabError(
          'COMMAND_CUT_OFF',
          `The node, or the lab's agent in it, has ended${said === '' ? '' : `: ${said}`}.`,
          'Take the lab down and start it again.',
        ),
      );
    }
  }

  /** A lab command ends when it has nothing to wait for; the connection alone is nothing. */
  #keepAwake(awake: boolean): void {
    const socket = this.#stream as Partial<Pick<NodeJS.Process['stdin'], 'ref' | 'unref'>>;
    if (awake) socket.ref?.();
    else socket.unref?.();
  }
}

const nothing = (): void => undefined;
