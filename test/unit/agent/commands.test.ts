import { readFileSync } from 'node:fs';
import { Commands } from '../../../lab/agent/commands';
import { FROM_AGENT, frameOf, FrameReader, TO_AGENT, type ToAgent } from '../../../lab/agent/frames';

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An agent's commands, and what is told of each. */
function agent() {
  const said = {
    [FROM_AGENT.stdout]: new Map<number, string>(),
    [FROM_AGENT.stderr]: new Map<number, string>(),
  };
  const waiting = new Map<number, (status: number) => void>();
  const begun: number[] = [];
  const pongs: number[] = [];
  const commands = new Commands((kind, command, body) => {
    if (kind === FROM_AGENT.started) begun.push(command);
    else if (kind === FROM_AGENT.pong) pongs.push(command);
    else if (kind === FROM_AGENT.ended) waiting.get(command)!(Buffer.from(body).readInt32BE());
    else {
      const texts = said[kind];
      texts.set(command, (texts.get(command) ?? '') + Buffer.from(body).toString());
    }
  });
  const hear = (kind: ToAgent, command: number, body?: string): void => {
    for (const frame of new FrameReader<ToAgent>().read(frameOf(kind, command, body))) commands.hear(frame);
  };
  return {
    hear,
    begun,
    pongs,
    saidBy: (command: number) => said[FROM_AGENT.stdout].get(command) ?? '',
    async run(command: number, argv: readonly string[], input?: string): Promise<Ended> {
      const ended = new Promise<number>((resolve) => waiting.set(command, resolve));
      hear(TO_AGENT.start, command, JSON.stringify({ argv, input: input !== undefined }));
      if (input !== undefined) {
        hear(TO_AGENT.input, command, input);
        hear(TO_AGENT.input, command);
      }
      const status = await ended;
      return {
        status,
        stdout: said[FROM_AGENT.stdout].get(command) ?? '',
        stderr: said[FROM_AGENT.stderr].get(command) ?? '',
      };
    },
  };
}

/** Whether a process goes on; one that nobody has waited for yet does not. */
function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('commands run side by side, each with its input, its output and its exit status', async () => {
  const { run, begun } = agent();
  const shell = ['sh', '-c', 'cat; echo complaint >&2; exit 3'];
  expect(await Promise.all([run(1, shell, 'words'), run(2, shell), run(3, ['echo', 'a  b'])])).toEqual([
    { status: 3, stdout: 'words', stderr: 'complaint\n' },
    { status: 3, stdout: '', stderr: 'complaint\n' },
    { status: 0, stdout: 'a  b\n', stderr: '' },
  ]);
  expect(begun).toEqual([1, 2, 3]);
});

test('a command that does not read its input, and one that is not there, end as in a shell', async () => {
  const { run, begun } = agent();
  expect((await run(1, ['true'], 'x'.repeat(1_000_000))).status).toBe(0);
  expect(await run(2, ['no-such-program'])).toMatchObject({
    status: 127,
    stderr: expect.stringContaining('no-such-program'),
  });
  expect((await run(3, ['/etc/passwd'])).status).toBe(126);
  expect(begun).toEqual([1]);
});

test('a signal reaches all that a command has started, also what left its session', async () => {
  const { run, hear, saidBy } = agent();
  const running = run(1, ['sh', '-c', 'setsid sh -c "echo \\$\\$; sleep 4321" & sleep 4321']);
  while (!saidBy(1).includes('\n')) await new Promise((resolve) => setTimeout(resolve, 5));
  hear(TO_AGENT.signal, 1, 'SIGKILL');
  const { status, stdout } = await running;
  expect(status).toBe(128 + 9);
  expect(lives(Number(stdout))).toBe(false);
});

test('what a command leaves in the background does not hold it up, and goes on', async () => {
  const { run } = agent();
  const { status, stdout } = await run(1, ['sh', '-c', 'sleep 60 & echo $!']);
  expect(status).toBe(0);
  process.kill(Number(stdout), 'SIGKILL');
});

test('whoever asks whether it is there is told at once', () => {
  const { hear, pongs } = agent();
  hear(TO_AGENT.ping, 0);
  expect(pongs).toEqual([0]);
});
