/** The load, played by the clients, and the online server's own requests to the test server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, RunningCommand } from '../../engine/commands/lab';
import { loadArguments, type LoadOptions } from '../../load/options';
import { progressIn, type LoadSummary } from '../../load/summary';
import { allSettled } from './all-settled';
import type { Cleanup } from './cleanup';
import { VerifyError } from './errors';

const POLL_MS = 10;
const FINISH_WITHIN_MS = 12_000;

interface Part {
  readonly node: LabNode;
  readonly command: RunningCommand;
}

export class RunningLoad {
  #ended = false;

  private constructor(private readonly parts: readonly Part[]) {
    void Promise.allSettled(parts.map(({ command }) => command.ended)).then(() => (this.#ended = true));
  }

  /** Starts one load in each node. */
  static async start(
    parts: readonly { node: LabNode; options: LoadOptions }[],
    cleanup: Cleanup,
  ): Promise<RunningLoad> {
    const load = new RunningLoad(
      await allSettled(
        parts.map(async ({ node, options }) => ({
          node,
          command: await node.start(['lab-load', ...loadArguments(options)]),
        })),
      ),
    );
    cleanup.add(() => load.#stop());
    return load;
  }

  /** Share that is done, of the slowest part. */
  get progress(): number {
    return Math.min(...this.parts.map(({ command }) => progressIn(command.stderr())));
  }

  /** Resolves when that share is done, or the load has ended. */
  async reaches(share: number, signal: AbortSignal): Promise<void> {
    while (this.progress < share && !this.#ended) await sleep(POLL_MS, undefined, { signal });
  }

  async summaries(signal: AbortSignal): Promise<LoadSummary[]> {
    let abort: (() => void) | undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      return await Promise.race([Promise.all(this.parts.map(summaryOf)), aborted]);
    } finally {
      signal.removeEventListener('abort', abort!);
    }
  }

  /** Ends the load after the answers that it waits for. */
  async finish(): Promise<LoadSummary[]> {
    await Promise.all(this.parts.map(({ command }) => command.stop(FINISH_WITHIN_MS)));
    return Promise.all(this.parts.map(summaryOf));
  }

  async #stop(): Promise<void> {
    if (this.#ended) return;
    await Promise.allSettled(this.parts.map(({ command }) => command.stop(500)));
  }
}

async function summaryOf({ node, command }: Part): Promise<LoadSummary> {
  const { stdout, stderr, exitCode } = await command.ended;
  try {
    return JSON.parse(stdout.toString()) as LoadSummary;
  } catch {
    throw new VerifyError(
      'LOAD_UNUSABLE',
      `lab-load on ${node.name} ended with status ${exitCode} and no summary: ${stderr.toString().trim().slice(-500)}`,
      'If the lab was started by an older version: lab down, then lab up.',
    );
  }
}
