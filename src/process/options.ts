/** Command-line options as tables: what a program takes, what it says in `--help`, and what is wrong with what it got. */
import { parseArgs } from 'node:util';

export interface OptionSpec {
  /** One letter, without the dash. */
  readonly short?: string;
  /** Without the dashes. */
  readonly long: string;
  /** Name of the value in the help text; undefined for a switch. */
  readonly value?: string;
  /** It may be given several times. */
  readonly isList?: true;
  readonly group: string;
  readonly help: string;
}

export interface ParsedOptions {
  /** By long name; a switch is `true`. */
  readonly given: ReadonlyMap<string, string | true>;
  /** All values of those that may be given several times. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** Everything that is wrong, one sentence each. */
  readonly faults: readonly string[];
}

export function parseOptions(specs: readonly OptionSpec[], argv: readonly string[]): ParsedOptions {
  const given = new Map<string, string | true>();
  const lists = new Map<string, string[]>();
  const faults: string[] = [];
  const byName = new Map(
    specs.flatMap((spec) => [spec.long, spec.short].map((name) => [name, spec] as const)),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      specs.map(({ long, short, value }) => [
        long,
        {
          type: value === undefined ? 'boolean' : 'string',
          ...(short === undefined ? {} : { short }),
        } as const,
      ]),
    ),
  });
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push(`unexpected argument ${JSON.stringify(token.value)}`);
    if (token.kind !== 'option') continue;
    const spec = byName.get(token.name);
    if (!spec) faults.push(`unknown option ${token.rawName}`);
    else if (given.has(spec.long) && !spec.isList) faults.push(`option ${token.rawName} is given twice`);
    else if (spec.value === undefined) {
      if (token.value !== undefined) faults.push(`option ${token.rawName} takes no value`);
      given.set(spec.long, true);
    } else if (token.value === undefined || token.value === '') {
      faults.push(`option ${token.rawName} needs a value: ${token.rawName} <${spec.value}>`);
    } else {
      given.set(spec.long, token.value);
      if (spec.isList) lists.set(spec.long, [...(lists.get(spec.long) ?? []), token.value]);
    }
  }
  return { given, lists, faults };
}

/** The text of `--help`, options by group in the order of the table. */
export function formatHelp(
  synopsis: string,
  specs: readonly OptionSpec[],
  examples: readonly string[],
): string {
  const rows = specs.map((spec) => {
    const names = spec.short === undefined ? `    --${spec.long}` : `-${spec.short}, --${spec.long}`;
    return { ...spec, left: spec.value === undefined ? names : `${names} <${spec.value}>` };
  });
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const groups = [...new Set(specs.map(({ group }) => group))].map((group) => {
    const lines = rows
      .filter((row) => row.group === group)
      .map(({ left, help }) => `  ${left.padEnd(width)}${help.replaceAll('\n', `\n  ${' '.repeat(width)}`)}`);
    return [`${group}:`, ...lines].join('\n');
  });
  return (
    [synopsis, ...groups, ['Examples:', ...examples.map((line) => `  ${line}`)].join('\n')].join('\n\n') +
    '\n'
  );
}
