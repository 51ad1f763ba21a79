/** A command in a node with a person's or a program's own streams: through the engine's exec, or by ssh. */
import { randomUUID } from 'node:crypto';
import { PassThrough, type Duplex, type Readable } from 'node:stream';
import type { Container } from 'dockerode';
import { Demultiplexer } from '../docker/demultiplexer';
import { lineOf, type Machine } from '../machines/machine';
import { isMachine, type NodeBody } from './body';
import type { Conversation } from './lab';

export interface ExecStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Piped into the command; its end is the command's end of input. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly tty?: boolean;
}

/** Marks the processes of one exec, because neither the engine nor ssh offers a way to signal them. */
const mark = 'TCPCOPY_LAB_EXEC';

/** A line of shell that interrupts every process that carries the exec's mark in its environment. */
const interruption = (
  token: string,
): string => `for p in $(grep -lsz '^${mark}=${token}$' /proc/[0-9]*/environ); do
    p=\${p#/proc/}; kill -INT \${p%/environ} 2>/dev/null; done; true`;

/** Runs `argv` with the caller's streams and resolves with its exit status; an abort interrupts it like Ctrl-C. */
export async function execStreaming(
  body: NodeBody,
  argv: readonly string[],
  streams: ExecStreams,
  abort: AbortSignal,
): Promise<number> {
  return isMachine(body)
    ? streamBySsh(body, argv, streams, abort)
    : streamByEngine(body, argv, streams, abort);
}

async function streamBySsh(
  machine: Machine,
  argv: readonly string[],
  { stdout, stderr, stdin, tty = false }: ExecStreams,
  abort: AbortSignal,
): Promise<number> {
  const hear = (said: Readable): void => void said.on('data', (piece: Buffer) => stdout.write(piece));
  const token = randomUUID();
  const child = machine.begin(lineOf(argv, [`${mark}=${token}`]), hear, { tty });
  child.stderr.on('data', (piece: Buffer) => stderr.write(piece));
  if (stdin) stdin.pipe(child.stdin);
  else child.stdin.end();
  const interrupt = (): void => {
    void machine.run(interruption(token)).catch(() => child.process.kill('SIGINT'));
  };
  abort.addEventListener('abort', interrupt);
  const status = await new Promise<number>((resolve) => {
    child.process.once('error', () => resolve(-1)).once('close', (code) => resolve(code ?? -1));
  });
  stdin?.unpipe(child.stdin);
  abort.removeEventListener('abort', interrupt);
  return status;
}

async function streamByEngine(
  container: Container,
  argv: readonly string[],
  streams: ExecStreams,
  abort: AbortSignal,
): Promise<number> {
  const token = randomUUID();
  const tty = streams.tty ?? false;
  const { run, stream } = await open(container, argv, streams.stdin !== undefined, tty, token);
  const interrupt = (): void => {
    void interruptMarked(container, token).catch(() => undefined);
  };
  abort.addEventListener('abort', interrupt);
  const demultiplexer = new Demultiplexer((output, bytes) => streams[output].write(bytes));
  if (tty) stream.pipe(streams.stdout, { end: false });
  else stream.on('data', (piece: Buffer) => demultiplexer.read(piece));
  streams.stdin?.pipe(stream);
  await endOf(stream);
  streams.stdin?.unpipe(stream);
  // What the command has not read of its input would keep this process alive.
  stream.destroy();
  abort.removeEventListener('abort', interrupt);
  return (await run.inspect()).ExitCode ?? -1;
}

/** Starts `argv` with its input left open; see {@link Conversation}. */
export async function converse(body: NodeBody, argv: readonly string[]): Promise<Conversation> {
  return isMachine(body) ? converseBySsh(body, argv) : converseByEngine(body, argv);
}

function converseBySsh(machine: Machine, argv: readonly string[]): Conversation {
  const stdout = new PassThrough();
  const child = machine.begin(lineOf(argv), (said) => said.pipe(stdout));
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const ended = new Promise<void>((resolve) => {
    const finish = (): void => {
      stdout.end();
      resolve();
    };
    child.process.once('error', finish).once('close', finish);
  });
  return { stdin: child.stdin, stdout, stderr: () => stderr, ended };
}

async function converseByEngine(container: Container, argv: readonly string[]): Promise<Conversation> {
  const { stream } = await open(container, argv, true, false, randomUUID());
  const stdout = new PassThrough();
  let stderr = '';
  const demultiplexer = new Demultiplexer((output, bytes) => {
    if (output === 'stdout') stdout.write(bytes);
    else stderr += bytes.toString();
  });
  stream.on('data', (piece: Buffer) => demultiplexer.read(piece));
  const finish = (): void => void stdout.end();
  const ended = endOf(stream).then(finish, finish);
  // What is written to a command that has ended just now is lost, and that is told by its end.
  stream.on('error', finish);
  return { stdin: stream, stdout, stderr: () => stderr, ended };
}

async function open(
  container: Container,
  argv: readonly string[],
  withInput: boolean,
  tty: boolean,
  token: string,
) {
  const run = await container.exec({
    Cmd: [...argv],
    Env: [`${mark}=${token}`],
    AttachStdin: withInput,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
  });
  // Hijacking makes the connection a two-way stream whose writing half can be closed by itself.
  const stream: Duplex = await run.start({ hijack: withInput, stdin: withInput, Tty: tty });
  return { run, stream };
}

function endOf(stream: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('end', resolve).once('close', resolve).once('error', reject);
  });
}

async function interruptMarked(container: Container, token: string): Promise<void> {
  // Not by the agent, which the user's containers do not have.
  const run = await container.exec({ Cmd: ['sh', '-c', interruption(token)] });
  await run.start({ Detach: true });
}
