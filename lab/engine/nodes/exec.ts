/** Commands in containers, through the engine's exec. */
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';
import { docker } from '../docker/connection';
import { LabError } from '../docker/errors';
import type { ExecOptions, ExecResult, RunningCommand } from './lab';

export interface ExecStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Piped into the command; its end is the command's end of input. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly tty?: boolean;
}

const timeoutDefault_ms = 60_000;
const graceDefault_ms = 5_000;

/** Marks the processes of one exec, because the engine offers no way to signal them. */
const mark = 'TCPCOPY_LAB_EXEC';

/** Runs `argv` to its end and collects what it wrote. */
export async function exec(
  container: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const command = await begin(container, argv, options.input);
  const limit_ms = options.timeout_ms ?? timeoutDefault_ms;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      void signalMarked(container, command.token, 'KILL').catch(() => undefined);
      reject(
        new LabError(
          'COMMAND_TIMED_OUT',
          `\`${argv.join(' ')}\` took longer than ${limit_ms} ms and was ended.`,
        ),
      );
    }, limit_ms);
  });
  try {
    return await Promise.race([command.ended, tooLong]);
  } finally {
    clearTimeout(timer);
    command.ended.catch(() => undefined);
  }
}

/** Starts `argv` and returns when the engine has started it. */
export async function start(container: string, argv: readonly string[]): Promise<RunningCommand> {
  const { token, ended, stderr } = await begin(container, argv);
  ended.catch(() => undefined);
  return {
    stderr,
    ended,
    async stop(grace_ms = graceDefault_ms) {
      await signalMarked(container, token, 'INT');
      const kill = setTimeout(() => {
        void signalMarked(container, token, 'KILL').catch(() => undefined);
      }, grace_ms);
      try {
        return await ended;
      } finally {
        clearTimeout(kill);
      }
    },
  };
}

/** Runs `argv` with the caller's streams and resolves with its exit status; an abort interrupts it like Ctrl-C. */
export async function execStreaming(
  container: string,
  argv: readonly string[],
  streams: ExecStreams,
  abort: AbortSignal,
): Promise<number> {
  const token = randomUUID();
  const tty = streams.tty ?? false;
  const { run, stream } = await open(container, argv, streams.stdin !== undefined, tty, token);
  const interrupt = (): void => {
    void signalMarked(container, token, 'INT').catch(() => undefined);
  };
  abort.addEventListener('abort', interrupt);
  if (tty) stream.pipe(streams.stdout, { end: false });
  else docker().modem.demuxStream(stream, streams.stdout, streams.stderr);
  streams.stdin?.pipe(stream);
  await endOf(stream);
  streams.stdin?.unpipe(stream);
  abort.removeEventListener('abort', interrupt);
  return (await run.inspect()).ExitCode ?? -1;
}

interface Begun {
  readonly token: string;
  readonly ended: Promise<ExecResult>;
  readonly stderr: () => string;
}

async function begin(
  container: string,
  argv: readonly string[],
  input?: Uint8Array | string,
): Promise<Begun> {
  const token = randomUUID();
  const { run, stream } = await open(container, argv, input !== undefined, false, token);
  const stdout = new Collector();
  const stderr = new Collector();
  docker().modem.demuxStream(stream, stdout, stderr);
  if (input !== undefined) stream.end(input);
  const ended = endOf(stream).then(async () => {
    const { ExitCode } = await run.inspect();
    return { exitCode: ExitCode ?? -1, stdout: stdout.collected(), stderr: stderr.collected() };
  });
  return { token, ended, stderr: () => stderr.collected().toString() };
}

async function open(
  container: string,
  argv: readonly string[],
  withInput: boolean,
  tty: boolean,
  token?: string,
) {
  const run = await docker()
    .getContainer(container)
    .exec({
      Cmd: [...argv],
      ...(token !== undefined && { Env: [`${mark}=${token}`] }),
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

/** Signals every process that carries the exec's mark in its environment. */
async function signalMarked(container: string, token: string, signal: 'INT' | 'KILL'): Promise<void> {
  const script = `for p in $(grep -lsz '^${mark}=${token}$' /proc/[0-9]*/environ); do
    p=\${p#/proc/}; kill -${signal} \${p%/environ} 2>/dev/null; done; true`;
  const { run, stream } = await open(container, ['/bin/sh', '-c', script], false, false);
  stream.resume();
  await endOf(stream);
  await run.inspect();
}

/** Keeps what is written to it. */
class Collector extends Writable {
  private readonly chunks: Buffer[] = [];

  collected(): Buffer {
    return Buffer.concat(this.chunks);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}
