/** A shell in a node, on a pseudo-terminal of its own. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { LabNode } from '../../engine/commands/lab';
import type { TerminalSize } from '../messages/terminal';

/**
 * script(1) makes the pseudo-terminal, whose name comes as the first line. Its end hangs the terminal up, and with it whatever
 * runs there in front. It is ended with its input, also when this program is killed: the engine ends that.
 */
const SCRIPT = `{ cat; kill -KILL 0; } | {
  script -qf -E always -c "stty cols $1 rows $2; tty; exec env TERM=xterm-256color LANG=C.UTF-8 bash" /dev/null
  kill -KILL 0
}`;

export class Terminal {
  private constructor(
    private readonly node: LabNode,
    private readonly talk: Awaited<ReturnType<LabNode['converse']>>,
    private readonly device: string,
  ) {}

  /** @throws Error when there is no shell in that node */
  static async open(node: LabNode, { columns, rows }: TerminalSize): Promise<Terminal> {
    const talk = await node.converse(['sh', '-c', SCRIPT, 'sh', `${columns}`, `${rows}`]);
    const device = await firstLine(talk.stdout);
    if (device !== undefined) return new Terminal(node, talk, device);
    throw new Error(`There is no shell in ${node.name}: ${talk.stderr().trim()}`);
  }

  /** What it says. */
  get output(): Readable {
    return this.talk.stdout;
  }

  /** Resolves when the shell is gone. */
  get ended(): Promise<void> {
    return this.talk.ended;
  }

  write(typed: Uint8Array): void {
    this.talk.stdin.write(typed);
  }

  async resize({ columns, rows }: TerminalSize): Promise<void> {
    await this.node.exec(['stty', '-F', this.device, 'cols', `${columns}`, 'rows', `${rows}`]);
  }

  /** Resolves when the shell is gone, and what ran in front of it. */
  async close(): Promise<void> {
    this.talk.stdin.end();
    // What it said last is of no use to anybody, and must not hold its end up.
    this.talk.stdout.resume();
    await this.talk.ended;
  }
}

/** Undefined when it ends before; what comes behind it stays to be read. */
async function firstLine(stdout: Readable): Promise<string | undefined> {
  let said = Buffer.alloc(0);
  for (;;) {
    const piece = stdout.read() as Buffer | null;
    if (piece) said = Buffer.concat([said, piece]);
    const end = said.indexOf('\n');
    if (end >= 0) {
      stdout.unshift(said.subarray(end + 1));
      return said.subarray(0, end).toString().trim();
    }
    if (piece) continue;
    await Promise.race([once(stdout, 'readable'), once(stdout, 'end')]);
    if (stdout.readableEnded) return undefined;
  }
}
