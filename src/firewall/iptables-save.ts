/** The rules of this machine for one family, as `iptables-save` or `ip6tables-save` prints them. */

/** By table; those that are not there have no rules. */
export type RuleSet = Readonly<Partial<Record<string, RuleTable>>>;

export interface RuleTable {
  /** What becomes of packets that no rule decided on, by built-in chain. */
  readonly policies: Readonly<Record<string, string>>;
  readonly rules: readonly Rule[];
}

export interface Rule {
  /** `raw`, `mangle`, `nat`, `filter`; of nft with its family, `inet firewalld`; of ebtables `ebtables`. */
  readonly table: string;
  readonly chain: string;
  /** All of them must hold. */
  readonly matches: readonly Match[];
  /** Undefined when the rule only counts. */
  readonly target: string | undefined;
  /** The target is a chain that does not come back to this one (`-g`). */
  readonly leaves: boolean;
  readonly targetWords: readonly string[];
  /** As it was printed, without counters and chain. */
  readonly text: string;
  /** By which nft names it, where it is one of its own. */
  readonly handle?: number;
}

export interface Match {
  /** For example `--sport`. */
  readonly option: string;
  /** It stood behind an exclamation mark. */
  readonly negated: boolean;
  readonly values: readonly string[];
}

/** @param saved all tables, or some of them; what stands before the first table's name is taken for `filter` */
export function rulesIn(saved: string): RuleSet {
  const tables: Record<string, { policies: Record<string, string>; rules: Rule[] }> = {};
  let name = 'filter';
  for (const line of saved.split('\n')) {
    name = /^\*(\S+)/.exec(line)?.[1] ?? name;
    const table = (tables[name] ??= { policies: {}, rules: [] });
    const [, built, policy] = /^:(\S+) ([A-Z]+) /.exec(line) ?? [];
    if (built !== undefined) table.policies[built] = policy!;
    const [, chain, text] = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line) ?? [];
    if (chain !== undefined) table.rules.push({ table: name, ...ruleOf(chain, text!) });
  }
  return tables;
}

/** A condition that is not understood: some packets meet it. */
export const SOME_CONDITION: Match = { option: '?', negated: false, values: [] };

interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

function ruleOf(chain: string, text: string): Omit<Rule, 'table'> {
  const words = wordsOf(text);
  const matches: Match[] = [];
  let at = 0;
  while (at < words.length) {
    const negated = words[at]!.text === '!';
    const option = words[at + (negated ? 1 : 0)]?.text ?? '';
    at += negated ? 2 : 1;
    if (option === '-j' || option === '-g') {
      const targetWords = words.slice(at + 1).map((word) => word.text);
      return { chain, matches, target: words[at]?.text, leaves: option === '-g', targetWords, text };
    }
    // A comment of letters and hyphens is printed without quotes, and may look like an option.
    let end = option === '--comment' ? at + 1 : at;
    while (option !== '--comment' && end < words.length && !beginsMatch(words[end]!)) end += 1;
    matches.push({ option, negated, values: words.slice(at, end).map((word) => word.text) });
    at = end;
  }
  return { chain, matches, target: undefined, leaves: false, targetWords: [], text };
}

const beginsMatch = ({ text, quoted }: Word): boolean => !quoted && (text === '!' || text.startsWith('-'));

function wordsOf(text: string): Word[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined
      ? { text: plain!, quoted: false }
      : { text: quoted.replace(/\\(.)/g, '$1'), quoted: true },
  );
}
