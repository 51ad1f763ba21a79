/**
 * A lab for those who only look at it. What they ask of a node is carried out by one shell that stays there, which is the
 * last in turn where the machine is busy: servers, clients and the copy come first. Nodes otherwise have each command started
 * by a large program, and a process of that takes longer to start than all that it reads.
 */
import { randomUUID } from 'node:crypto';
import { LabError } from '../../engine/docker/errors';
import type { Conversation, ExecOptions, ExecResult, LabNode, RunningLab } from '../../engine/commands/lab';

/** Each line is a command of shell words; what it wrote ends with the mark and its exit status. */
const SCRIPT = `nl='\n'
while IFS= read -r line; do eval "$line" </dev/null 2>/dev/null; echo "$1 $?"; done`;
const NICE = ['nice', '-n', '19'];
const WITHIN_MS = 60_000;

export interface Onlooker {
  /** Its nodes' `exec` takes one command after the other, without input, and keeps nothing of standard error. */
  readonly lab: RunningLab;
  /** Resolves when its shells have ended. */
  close(): Promise<void>;
}

export async function onlookerOf(lab: RunningLab): Promise<Onlooker> {
  const open = async (node: LabNode) => [node.name, await StayingShell.open(node)] as const;
  const shells = new Map(await Promise.all(lab.nodes.map(open)));
  const seen = (node: LabNode): LabNode => ({
    name: node.name,
    definition: node.definition,
    exec: (argv, options) => (shells.get(node.name) ?? node).exec(argv, options),
    start: (argv) => node.start(argv),
    converse: (argv) => node.converse([...NICE, ...argv]),
    readFile: (path) => node.readFile(path),
    writeFile: (path, content) => node.writeFile(path, content),
  });
  return {
    lab: {
      name: lab.name,
      topology: lab.topology,
      flavour: lab.flavour,
      nodes: lab.nodes.map(seen),
      node: (name) => seen(lab.node(name)),
      host: () => lab.host(),
      bridge: (network) => lab.bridge(network),
      vantages: (network) => lab.vantages(network),
    },
    async close() {
      await Promise.all([...shells.values()].map((shell) => shell.close()));
    },
  };
}

interface Asked {
  readonly resolve: (result: ExecResult) => void;
  readonly reject: (failure: Error) => void;
}

class StayingShell {
  readonly #asked: Asked[] = [];
  #heard: Buffer[] = [];

  private constructor(
    private readonly talk: Conversation,
    private readonly node: string,
    private readonly mark: string,
  ) {
    talk.stdout.on('data', (bytes: Buffer) => this.#hear(bytes));
    void talk.ended.then(() => this.#gone());
  }

  static async open(node: LabNode): Promise<StayingShell> {
    const mark = randomUUID();
    return new StayingShell(await node.converse([...NICE, 'sh', '-c', SCRIPT, 'sh', mark]), node.name, mark);
  }

  async exec(argv: readonly string[], { timeout_ms = WITHIN_MS }: ExecOptions = {}): Promise<ExecResult> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<ExecResult>((resolve, reject) => {
      const late = `\`${argv.join(' ')}\` took longer than ${timeout_ms} ms on ${this.node}.`;
      timer = setTimeout(() => reject(new LabError('COMMAND_TIMED_OUT', late)), timeout_ms);
      this.#asked.push({ resolve, reject });
      this.talk.stdin.write(`${argv.map(quoted).join(' ')}\n`);
    });
    return answer.finally(() => clearTimeout(timer));
  }

  async close(): Promise<void> {
    this.talk.stdin.end();
    await this.talk.ended;
  }

  /** Answers come in the order of what was asked, each with its end in a piece of its own or not. */
  #hear(bytes: Buffer): void {
    this.#heard.push(bytes);
    let heard = Buffer.concat(this.#heard);
    for (let at = heard.indexOf(this.mark); at >= 0; at = heard.indexOf(this.mark)) {
      const end = heard.indexOf('\n', at);
      if (end < 0) break;
      const exitCode = Number(heard.subarray(at + this.mark.length, end).toString());
      this.#asked.shift()?.resolve({ exitCode, stdout: heard.subarray(0, at), stderr: Buffer.alloc(0) });
      heard = heard.subarray(end + 1);
    }
    this.#heard = heard.length > 0 ? [heard] : [];
  }

  #gone(): void {
    const gone = `The shell of the watch on ${this.node} has ended.`;
    for (const { reject } of this.#asked.splice(0)) reject(new LabError('COMMAND_CUT_OFF', gone));
  }
}

/** One word of shell; a line of its own holds no line break, so those of a word are written by name. */
const quoted = (word: string): string =>
  word
    .split('\n')
    .map((line) => `'${line.replaceAll("'", "'\\''")}'`)
    .join('"$nl"');
