/** The shells that the page has open, no more than so many. */
import type { RunningLab } from '../../engine/commands/lab';
import type { TerminalWanted } from '../messages/terminal';
import { Terminal } from './terminal';

const OPEN_MAX = 8;

export class TerminalError extends Error {
  readonly code = 'TERMINAL_REFUSED';
}

/** The labs in whose nodes there may be shells. */
export type Labs = (of: TerminalWanted['of']) => RunningLab | undefined;

export class Terminals {
  readonly #open = new Set<Promise<Terminal>>();

  constructor(private readonly labs: Labs) {}

  /** @throws TerminalError where there is no such lab, or too many are open @throws LabError for a node that is not there */
  async open({ of, node, ...size }: TerminalWanted): Promise<Terminal> {
    const lab = this.labs(of);
    if (!lab) throw new TerminalError('No lesson is open.');
    if (this.#open.size >= OPEN_MAX)
      throw new TerminalError(`${OPEN_MAX} shells are open already: close one first.`);
    const opening = Terminal.open(lab.node(node), size);
    this.#open.add(opening);
    const forget = (): void => void this.#open.delete(opening);
    opening.then(({ ended }) => ended.then(forget)).catch(forget);
    return opening;
  }

  /** Resolves when every shell is gone. */
  async close(): Promise<void> {
    const open = await Promise.allSettled(this.#open);
    await Promise.all(open.map(async (one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
  }
}
