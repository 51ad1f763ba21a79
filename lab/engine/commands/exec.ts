/** Commands in nodes, whose output is collected. */
import { LabError } from '../docker/errors';
import { startByAgent } from './agent';
import type { NodeBody } from './body';
import type { ExecOptions, ExecResult, RunningCommand } from './lab';

const timeoutDefault_ms = 60_000;
const graceDefault_ms = 5_000;

/** Runs `argv` to its end and collects what it wrote. */
export async function exec(
  body: NodeBody,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const { signal } = options;
  signal?.throwIfAborted();
  const command = await startByAgent(body, argv, options.input);
  const limit_ms = options.timeout_ms ?? timeoutDefault_ms;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      command.signal('KILL');
      reject(
        new LabError(
          'COMMAND_TIMED_OUT',
          `\`${argv.join(' ')}\` took longer than ${limit_ms} ms and was ended.`,
        ),
      );
    }, limit_ms);
  });
  const abort = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const end = (): void => {
      command.signal('KILL');
      reject(signal!.reason as Error);
    };
    signal?.addEventListener('abort', end, { once: true, signal: abort.signal });
    if (signal?.aborted) end();
  });
  try {
    return await Promise.race([command.ended, tooLong, aborted]);
  } finally {
    clearTimeout(timer);
    abort.abort();
    command.ended.catch(() => undefined);
  }
}

/** Starts `argv` and returns when it runs. */
export async function start(body: NodeBody, argv: readonly string[]): Promise<RunningCommand> {
  const { signal, started, ended, stderr } = await startByAgent(body, argv);
  ended.catch(() => undefined);
  await started;
  return {
    stderr,
    ended,
    async stop(grace_ms = graceDefault_ms) {
      signal('INT');
      const kill = setTimeout(signal, grace_ms, 'KILL');
      try {
        return await ended;
      } finally {
        clearTimeout(kill);
      }
    },
  };
}
