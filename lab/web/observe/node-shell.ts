/**
 * A shell that stays in a node and carries out one command after the other. To be asked through it takes a tenth of what
 * the engine's exec takes, so that a lab which is asked every second hardly notices. It ends with its input, also when
 * this program is killed, and takes back what it was told to.
 */
import type { Conversation, ExecOptions, ExecResult, LabNode, RunningLab } from '../../engine/nodes/lab';
import { quoted } from './quoted';

const COMMAND_S = 20;
/** `$n` is a line break, which the line of a command cannot hold. */
const SCRIPT = `d=$(mktemp -d) undo=: n='
'
while IFS= read -r line; do eval "$line"; done
eval "$undo"; rm -r "$d"`;

interface Waiting {
  readonly resolve: (result: ExecResult) => void;
  readonly reject: (reason: Error) => void;
}

export class NodeShell {
  readonly #waiting: Waiting[] = [];
  #rest = Buffer.alloc(0);
  #over = false;

  private constructor(
    private readonly node: LabNode,
    private readonly talk: Conversation,
  ) {
    talk.stdout.on('data', (bytes: Buffer) => this.#hear(bytes));
    void talk.ended.then(() => this.#end());
  }

  static async open(node: LabNode): Promise<NodeShell> {
    return new NodeShell(node, await node.converse(['sh', '-c', SCRIPT]));
  }

  /** Resolves when the shell is gone, and with it the node, or because it was closed. */
  get ended(): Promise<void> {
    return this.talk.ended;
  }

  /** As that of a node; commands are carried out one after the other. */
  exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    if (options.input !== undefined) return this.node.exec(argv, options);
    return this.#ask(`timeout ${COMMAND_S} ${quoted(argv)}`);
  }

  /** A line of shell that is carried out when the shell ends, in reverse order. */
  async atEnd(line: string): Promise<void> {
    await this.#ask(`undo=${quoted([line])}'; '"$undo"`);
  }

  /** Resolves when everything is taken back. */
  async close(): Promise<void> {
    this.talk.stdin.end();
    await this.talk.ended;
  }

  #ask(command: string): Promise<ExecResult> {
    if (this.#over) return Promise.reject(gone(this.node));
    const answer = 'set -- $? $(stat -c %s "$d/o" "$d/e"); echo "$@"; cat "$d/o" "$d/e"';
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.talk.stdin.write(`{ ${command}; } >"$d/o" 2>"$d/e" </dev/null; ${answer}\n`);
    });
  }

  #hear(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const lineEnd = this.#rest.indexOf('\n');
      if (lineEnd < 0) return;
      const [exitCode = 0, out = 0, err = 0] = this.#rest
        .toString('latin1', 0, lineEnd)
        .split(' ')
        .map(Number);
      const from = lineEnd + 1;
      if (this.#rest.length < from + out + err) return;
      const stdout = this.#rest.subarray(from, from + out);
      const stderr = this.#rest.subarray(from + out, from + out + err);
      this.#rest = Buffer.from(this.#rest.subarray(from + out + err));
      this.#waiting.shift()?.resolve({ exitCode, stdout, stderr });
    }
  }

  #end(): void {
    this.#over = true;
    for (const { reject } of this.#waiting.splice(0)) reject(gone(this.node));
  }
}

/** The lab as the readers of verify take it, asked through shells that stay. */
export function askedThrough(lab: RunningLab, shells: ReadonlyMap<string, NodeShell>): RunningLab {
  const asked = lab.nodes.map((node): LabNode => {
    const shell = shells.get(node.name);
    return shell ? { ...node, exec: (...asking) => shell.exec(...asking) } : node;
  });
  return {
    ...lab,
    nodes: asked,
    node: (name) => asked.find((node) => node.name === name) ?? lab.node(name),
  };
}

const gone = ({ name }: LabNode): Error => new Error(`Node ${name} is gone.`);
