/** A program of which several threads do a part each, and what a part knows of the others. */
import type { CommonOptions } from '../process/common-options';
import type { Log } from '../process/log';
import type { Program, Running } from '../process/run';
import type { Share } from '../wire/tables/share';

/** A worker among others. */
export interface Shared extends Share {
  /** @param words plain data, not often: it goes by the main thread */
  tellOthers(words: unknown): void;
  /** What others tell from now on. */
  hearOthers(listener: (words: unknown) => void): void;
  /** Told when this part comes to its end by itself, with those of the others. */
  report(report: unknown): void;
}

export interface SharedProgram<Options extends CommonOptions> extends Program<Options> {
  /**
   * Resolves when this part of the program works.
   *
   * @throws an Error whose message tells what is wrong and how to mend it
   */
  startShare(options: Options, log: Log, shared: Shared): Promise<Running<Options>>;
}
