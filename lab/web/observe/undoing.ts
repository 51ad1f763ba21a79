/**
 * What a node undoes when a watch ends, however it ends: a shell in it ends with its input, also when this program is killed,
 * and carries out then what it was told to, the last first.
 */
import type { Conversation, LabNode } from '../../engine/commands/lab';

const SCRIPT = `undo=:
while IFS= read -r line; do undo="$line; $undo"; done
eval "$undo"`;

export class Undoing {
  private constructor(private readonly talk: Conversation) {}

  static async open(node: LabNode): Promise<Undoing> {
    return new Undoing(await node.converse(['sh', '-c', SCRIPT]));
  }

  /** To be told before it is done: to undo what was never done must do no harm. @param line of shell */
  add(line: string): void {
    this.talk.stdin.write(`${line}\n`);
  }

  /** Resolves when the node is gone, or everything is undone because it was asked for. */
  get ended(): Promise<void> {
    return this.talk.ended;
  }

  /** Resolves when everything is undone. */
  async run(): Promise<void> {
    this.talk.stdin.end();
    await this.talk.ended;
  }
}

/** By name of node. */
export type Undoings = ReadonlyMap<string, Undoing>;
