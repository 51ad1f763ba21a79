/**
 * What SIGHUP does: the configuration file and the keys are read again. What may change while a program runs is taken over, what
 * else differs is named and left; where anything is wrong all stays as it was.
 */
import { changesBetween } from './changes';
import type { CommonOptions } from './common-options';
import type { Log } from './log';

/** Of every program. */
const CHANGEABLE = ['stats'];
const MEND = 'what was read before stays in force: mend it, and send SIGHUP again';

/** Puts in force what was read; it does not fail for what is in the files. */
export type TakeOver = () => void | Promise<void>;

/** A program that works, as far as it matters here. */
export interface Reloaded<Options> {
  /**
   * Reads the keys again, and changes nothing yet.
   *
   * @param options as they are now; what may not change is left as it was
   * @returns what takes them and the keys over
   * @throws an Error that tells what is wrong
   */
  reload?(options: Options): TakeOver | Promise<TakeOver>;
}

/** Who reads a command line, as far as it matters here. */
interface Reader<Options> {
  parse(
    argv: readonly string[],
  ):
    | { readonly kind: 'run'; readonly options: Options }
    | { readonly kind: 'print' }
    | { readonly kind: 'refuse'; readonly faults: readonly string[] };
  readonly changeable: readonly string[];
}

export class Reloading<Options extends CommonOptions> {
  /** In force. */
  #given: Options['given'];
  #settled = Promise.resolve();

  /**
   * @param argv of the command line, which wins over the file again
   * @param options by which the program was started
   * @param took told of the options of every program, once those of this one are in force
   */
  constructor(
    private readonly program: Reader<Options>,
    private readonly argv: readonly string[],
    private readonly options: Options,
    private readonly running: Reloaded<Options>,
    private readonly took: (options: CommonOptions) => void,
    private readonly log: Log,
  ) {
    this.#given = options.given;
  }

  /** One after the other, however quickly they are asked for. Resolves when all is in force, or nothing and the log says why. */
  reload(): Promise<void> {
    this.#settled = this.#settled
      .then(() => this.#reload())
      .catch((error: unknown) =>
        this.log.error('not reloaded', { reason: (error as Error).message, next: MEND }),
      );
    return this.#settled;
  }

  /** Nothing is being read or taken over. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  async #reload(): Promise<void> {
    const options = readAgain(this.program, this.argv, this.options);
    const takeOver = await this.running.reload?.(options);
    await takeOver?.();
    this.#took(options);
  }

  #took(options: Options): void {
    const changeable = new Set([...CHANGEABLE, ...this.program.changeable]);
    const { taken, left, given } = changesBetween(this.#given, options.given, changeable);
    this.took(options);
    this.#given = given;
    this.log.info('reloaded', { changed: taken });
    if (left.length > 0)
      this.log.warning('not changed while running', {
        options: left,
        next: `start it again for them to be in force; while it runs ${[...changeable].join(', ')} and the keys can change`,
      });
  }
}

/** The options as they are now. @param options by which the program was started @throws an Error that names every fault with its file and line */
export function readAgain<Options extends CommonOptions>(
  program: Pick<Reader<Options>, 'parse'>,
  argv: readonly string[],
  options: Options,
): Options {
  // A command line does not change, and what was true of the machine when it was read need not be any more.
  if (!options.given.has('config')) return options;
  const command = program.parse(argv);
  if (command.kind === 'run') return command.options;
  throw new Error(command.kind === 'refuse' ? command.faults.join('; ') : 'it asks for a text');
}
