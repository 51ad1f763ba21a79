/** Commands in containers of the user's, which have no agent of ours. */
import type { Container } from 'dockerode';
import { Demultiplexer } from '../docker/demultiplexer';
import type { ExecResult } from '../commands/lab';

/** Runs `argv` to its end; a non-zero exit status is a result. */
export async function execInService(container: Container, argv: readonly string[]): Promise<ExecResult> {
  const run = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true });
  const stream = await run.start({});
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const demultiplexer = new Demultiplexer((output, bytes) => void said[output].push(Buffer.from(bytes)));
  stream.on('data', (piece: Buffer) => demultiplexer.read(piece));
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve).once('close', resolve).once('error', reject);
  });
  const exitCode = (await run.inspect()).ExitCode ?? -1;
  return { exitCode, stdout: Buffer.concat(said.stdout), stderr: Buffer.concat(said.stderr) };
}
