/** Commands in containers of the user's, which have no agent of ours; and what these containers have said. */
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { docker } from '../docker/connection';
import type { ExecResult } from '../nodes/lab';

/** Runs `argv` to its end; a non-zero exit status is a result. */
export async function execInService(container: string, argv: readonly string[]): Promise<ExecResult> {
  const run = await docker()
    .getContainer(container)
    .exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true });
  const stream = await run.start({});
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([buffer(stdout), buffer(stderr)]);
  docker().modem.demuxStream(stream, stdout, stderr);
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve).once('close', resolve).once('error', reject);
  });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { exitCode: (await run.inspect()).ExitCode ?? -1, stdout: out, stderr: err };
}
