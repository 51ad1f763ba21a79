/** What tcpcopy says of the guard, as soon as it says so. */
import type { Conversation, LabNode } from '../../engine/commands/lab';
import {
  guardEvents,
  guardInLog,
  guardLinesIn,
  type GuardLine,
  type GuardSaid,
} from '../../verify/evidence/guard-log';

/** tail ends within a second behind its shell. */
const SCRIPT =
  'log=$1; shift; tail -n +1 -F --pid=$$ "$log" 2>/dev/null | grep --line-buffered -F "$@" & cat >/dev/null';
const LINES_MAX = 32;

export class GuardFollower {
  #lines: string[] = [];
  #rest = '';

  private constructor(
    private readonly talk: Conversation,
    readonly log: string,
    hear: (fresh: readonly GuardLine[]) => void,
  ) {
    talk.stdout.on('data', (bytes: Buffer) => {
      const lines = `${this.#rest}${bytes.toString()}`.split('\n');
      this.#rest = lines.pop()!;
      this.#lines = [...this.#lines, ...lines].slice(-LINES_MAX);
      if (lines.length > 0) hear(guardLinesIn(lines.join('\n')));
    });
  }

  /** @param log the file; it may come later */
  static async start(
    node: LabNode,
    log: string,
    hear: (fresh: readonly GuardLine[]) => void,
  ): Promise<GuardFollower> {
    const events = guardEvents.flatMap((event) => ['-e', `"event":"${event}"`]);
    return new GuardFollower(await node.converse(['sh', '-c', SCRIPT, 'sh', log, ...events]), log, hear);
  }

  get said(): GuardSaid | undefined {
    return guardInLog(this.#lines.join('\n'));
  }

  async stop(): Promise<void> {
    this.talk.stdin.end();
    await this.talk.ended;
  }
}
