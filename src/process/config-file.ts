/** A program's configuration file: its options by their long names, one a line. */
import type { OptionSpec } from './options';
import { readNamed } from './own-file';

export interface ConfigEntry {
  /** A switch is `true`. */
  readonly value: string | true;
  /** From 1. */
  readonly line: number;
}

export interface Config {
  /** By long name. */
  readonly given: ReadonlyMap<string, ConfigEntry>;
  /** Everything that is wrong, one sentence each, with the file and the line. */
  readonly faults: readonly string[];
  readonly isRead: boolean;
}

/** What only a command line can mean: a file that names another, or asks for help, is read by nobody. */
const COMMAND_LINE_ONLY = ['config', 'daemon', 'version', 'help'];

/** `name = value`, or `name` alone for a switch; a line that begins with `#` says nothing. */
const LINE = /^([^\s=]+)(?:\s*=\s*(.*))?$/;

/** @param path for faults */
export function parseConfig(specs: readonly OptionSpec[], text: string, path: string): Config {
  const given = new Map<string, ConfigEntry>();
  const faults: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const written = raw.trim();
    if (written === '' || written.startsWith('#')) continue;
    const line = index + 1;
    const [, name = written, value] = LINE.exec(written) ?? [];
    const fault = faultOf(specs, name, value, given);
    if (fault === undefined) given.set(name, { value: value ?? true, line });
    else faults.push(`${path}:${line}: ${fault}`);
  }
  return { given, faults, isRead: true };
}

/** @throws nothing: a file that cannot be read is a fault */
export function readConfig(specs: readonly OptionSpec[], path: string): Config {
  try {
    return parseConfig(specs, readNamed(path), path);
  } catch (error) {
    const faults = [`--config cannot be read: ${(error as Error).message}`];
    return { given: new Map(), faults, isRead: false };
  }
}

function faultOf(
  specs: readonly OptionSpec[],
  name: string,
  value: string | undefined,
  given: Config['given'],
): string | undefined {
  const spec = specs.find(({ long }) => long === name);
  if (!spec) return `unknown option ${quoted(name)}${meantBy(specs, name)}`;
  if (COMMAND_LINE_ONLY.includes(name)) return `option ${name} is for the command line only`;
  if (given.has(name)) return `option ${name} is given twice`;
  if (spec.value === undefined)
    return value === undefined ? undefined : `option ${name} takes no value: it stands alone, or not at all`;
  return value === undefined || value === ''
    ? `option ${name} needs a value: ${name} = <${spec.value}>`
    : undefined;
}

/** As on a command line, or in another program's file: whatever dashes, colons and values stand around the name. */
const MISTAKEN = /^-*([\w-]+)(?:[\s:=]|$)/;

/** @returns how the option is written that was meant, behind a colon; nothing where none can be told */
function meantBy(specs: readonly OptionSpec[], name: string): string {
  const [, word = ''] = MISTAKEN.exec(name) ?? [];
  const long = word.replaceAll('_', '-').toLowerCase();
  const meant = specs.find((spec) => spec.short === word) ?? specs.find((spec) => spec.long === long);
  if (!meant) return '';
  if (meant.short === word) return `: its long name is ${meant.long}`;
  return `: write ${meant.value === undefined ? meant.long : `${meant.long} = <${meant.value}>`}`;
}

const QUOTED_MAX_LETTERS = 64;

/** Whatever stands in the file in the place of an option: a line of a log, and no more of it. */
const quoted = (text: string): string =>
  JSON.stringify(text.length > QUOTED_MAX_LETTERS ? `${text.slice(0, QUOTED_MAX_LETTERS)}…` : text);
