/** What a command line gives, and the configuration file that it names: values checked one by one, all faults collected. */
import type { Given } from './changes';
import { readConfig, type ConfigEntry } from './config-file';
import { parseOptions, type OptionSpec } from './options';

export class OptionReader {
  /** One sentence each. */
  readonly faults: string[];
  readonly #given: ReadonlyMap<string, string | true>;
  /** Of the configuration file, by long name. */
  readonly #configured: ReadonlyMap<string, ConfigEntry>;
  /** Whether all that was meant is known: with a file that cannot be read, nobody can tell what is missing. */
  readonly isWhole: boolean;

  /** Reads the file of `--config`, if there is one; what the command line gives wins. */
  constructor(
    private readonly specs: readonly OptionSpec[],
    argv: readonly string[],
  ) {
    const { given, faults } = parseOptions(specs, argv);
    this.#given = given;
    const path = given.get('config');
    const config = typeof path === 'string' ? readConfig(specs, path) : undefined;
    this.isWhole = config?.isRead !== false;
    this.#configured = config?.given ?? new Map();
    this.faults = [...faults, ...(config?.faults ?? [])];
  }

  /** By long name, all of it; what the command line gives wins. */
  get given(): Given {
    const configured = [...this.#configured].map(([long, { value }]) => [long, value] as const);
    return new Map([...configured, ...this.#given]);
  }

  has(long: string): boolean {
    return this.#given.has(long) || this.#configured.has(long);
  }

  /** Undefined when it was not given, or given without its value, which is a fault already. */
  text(long: string): string | undefined {
    const value = this.#given.get(long) ?? this.#configured.get(long)?.value;
    return typeof value === 'string' ? value : undefined;
  }

  whole(long: string, min: number, max: number): number | undefined {
    const text = this.text(long);
    if (text === undefined) return undefined;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    this.refuse(long, `takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
    return undefined;
  }

  /** @param parse undefined says that the text is none @param what as in "takes an IP address" */
  parsed<T>(long: string, what: string, parse: (text: string) => T | undefined): T | undefined {
    const text = this.text(long);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) this.refuse(long, `takes ${what}, not ${JSON.stringify(text)}`);
    return value;
  }

  /** @param why as the rest of a sentence that begins with the option's name */
  refuse(long: string, why: string): void {
    this.faults.push(`${this.#whereOf(long) ?? this.nameOf(long)} ${why}`);
  }

  /** Undefined for what the command line gives. */
  #whereOf(long: string): string | undefined {
    const entry = this.#given.has(long) ? undefined : this.#configured.get(long);
    return entry && `${String(this.#given.get('config'))}:${entry.line}: ${long}`;
  }

  /** As most people type it. */
  nameOf(long: string): string {
    const short = this.specs.find((spec) => spec.long === long)?.short;
    return short === undefined ? `--${long}` : `-${short}`;
  }
}
