/** What containers of the user's have said on both their outputs. */
import type { Container } from 'dockerode';
import { Demultiplexer } from '../docker/demultiplexer';

/** The last lines, as they came. */
export async function lastLines(container: Container, lines: number): Promise<string> {
  const pieces: Buffer[] = [];
  const take = { write: (piece: Buffer) => pieces.push(piece) };
  await writeLogs(container, lines, { stdout: take, stderr: take });
  return Buffer.concat(pieces).toString();
}

/** Where its outputs go. */
export interface LogStreams {
  readonly stdout: { write(piece: Buffer): unknown };
  readonly stderr: { write(piece: Buffer): unknown };
}

/** Writes the last lines. */
export async function writeLogs(container: Container, lines: number, streams: LogStreams): Promise<void> {
  const write = await writerOf(container, streams);
  write(await container.logs({ stdout: true, stderr: true, tail: lines }));
}

/** Writes the last lines and what comes; resolves at their end, or when `signal` is aborted. */
export async function followLogs(
  container: Container,
  lines: number,
  streams: LogStreams,
  signal: AbortSignal,
): Promise<void> {
  const write = await writerOf(container, streams);
  const options = { stdout: true, stderr: true, tail: lines, follow: true, abortSignal: signal } as const;
  const log = await container.logs(options);
  log.on('data', write);
  await new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) log.once(event, () => resolve());
  });
}

/** With a terminal both outputs are one. */
async function writerOf(container: Container, streams: LogStreams): Promise<(piece: Buffer) => void> {
  const { Config } = await container.inspect();
  if (Config.Tty) return (piece) => void streams.stdout.write(piece);
  const demultiplexer = new Demultiplexer((output, bytes) => streams[output].write(bytes));
  return (piece) => demultiplexer.read(piece);
}
