/**
 * Rules that were made with nft itself, firewalld's for example, as `nft -j list ruleset` tells them (libnftables-json(5)), in
 * the words of iptables. What is not understood is a condition that some packets meet.
 */
import { SOME_CONDITION, type Match, type Rule, type RuleSet, type RuleTable } from './iptables-save';
import type { Way } from './walk';

export interface NftRules {
  /** By family and table: `inet firewalld`. */
  readonly rules: RuleSet;
  /** Chains that a packet comes by on its way from one port of a bridge to another. */
  readonly across: Way;
}

interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly type?: string;
  readonly hook?: string;
  readonly prio?: number;
  readonly policy?: string;
}

interface NftRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle: number;
  readonly expr: readonly Statement[];
}

/** An object with one field, which says what it is. */
type Statement = Readonly<Record<string, unknown>>;

const FAMILIES = new Set(['ip', 'inet', 'bridge']);
/** iptables makes these, and tells them itself. */
const OF_IPTABLES = new Set(['raw', 'mangle', 'nat', 'filter', 'security'].map((name) => `ip ${name}`));
const HOOKS = ['prerouting', 'forward', 'postrouting'];

/** @param text JSON @throws SyntaxError */
export function nftRulesIn(text: string): NftRules {
  const objects = (JSON.parse(text) as { nftables: { chain?: NftChain; rule?: NftRule }[] }).nftables;
  const isOurs = ({ family, table }: NftChain | NftRule): boolean =>
    FAMILIES.has(family) && !OF_IPTABLES.has(`${family} ${table}`);
  const chains = objects.flatMap(({ chain }) => (chain && isOurs(chain) ? [chain] : []));
  const rules = objects.flatMap(({ rule }) => (rule && isOurs(rule) ? [rule] : []));
  const tables: Record<string, { policies: Record<string, string>; rules: Rule[] }> = {};
  const tableOf = (family: string, name: string) =>
    (tables[`${family} ${name}`] ??= { policies: {}, rules: [] });
  for (const { family, table, name, hook, policy = 'accept' } of chains)
    if (hook !== undefined) tableOf(family, table).policies[name] = policy.toUpperCase();
  for (const rule of rules) tableOf(rule.family, rule.table).rules.push(...rulesOf(rule));
  const across = chains
    .filter(({ type, hook }) => type === 'filter' && hook !== undefined && HOOKS.includes(hook))
    .sort((a, b) => HOOKS.indexOf(a.hook!) - HOOKS.indexOf(b.hook!) || (a.prio ?? 0) - (b.prio ?? 0))
    .map(({ family, table, name }) => [`${family} ${table}`, name] as const);
  return { rules: tables satisfies Record<string, RuleTable>, across };
}

/** As many as it has verdicts: a verdict map has several. */
function rulesOf({ family, table, chain, handle, expr }: NftRule): Rule[] {
  const matches: Match[] = [];
  const words: string[] = [];
  const found: Rule[] = [];
  for (const statement of expr) {
    const verdicts = verdictsIn(statement);
    for (const { target, leaves } of verdicts) {
      const conditions = 'vmap' in statement ? [...matches, SOME_CONDITION] : matches;
      const text = [...words, 'vmap' in statement ? 'vmap' : '', target.toLowerCase()]
        .filter(Boolean)
        .join(' ');
      const place = { table: `${family} ${table}`, chain, text, handle };
      found.push({ ...place, matches: [...conditions], target, leaves, targetWords: [] });
    }
    const match = conditionIn(statement);
    if (!match) continue;
    matches.push(match);
    words.push(textOf(statement));
  }
  return found;
}

interface Verdict {
  readonly target: string;
  readonly leaves: boolean;
}

function verdictsIn(statement: Statement): Verdict[] {
  const [[name, value] = ['', undefined]] = Object.entries(statement);
  switch (name) {
    case 'accept':
    case 'drop':
    case 'reject':
    case 'return':
      return [{ target: name.toUpperCase(), leaves: false }];
    case 'queue':
      return [{ target: 'NFQUEUE', leaves: false }];
    case 'jump':
    case 'goto':
      return [{ target: (value as { target: string }).target, leaves: name === 'goto' }];
    case 'vmap':
      return verdictsOfMap((value as { data?: unknown }).data);
    default:
      return [];
  }
}

function verdictsOfMap(data: unknown): Verdict[] {
  const entries = (data as { set?: readonly (readonly [unknown, Statement])[] } | undefined)?.set;
  // A map with a name of its own is told elsewhere: it may hold every verdict.
  if (!Array.isArray(entries)) return verdictsIn({ drop: null });
  return entries.flatMap(([, verdict]: readonly [unknown, Statement]) => verdictsIn(verdict));
}

/** Statements that only note something, or change what is not looked at here. */
const SILENT = new Set(['counter', 'log', 'comment', 'mangle', 'notrack', 'meter', 'ct helper']);

/** @returns undefined where the statement is none */
function conditionIn(statement: Statement): Match | undefined {
  const [[name, value] = ['', undefined]] = Object.entries(statement);
  if (name !== 'match') {
    const decides = verdictsIn(statement).length > 0;
    return decides || SILENT.has(name) ? undefined : SOME_CONDITION;
  }
  const { op, left, right } = value as { op: string; left: Statement; right: unknown };
  const values = valuesOf(right);
  const option = OPTIONS[keyOf(left)];
  if (!option || !values || !['==', '!=', 'in'].includes(op)) return SOME_CONDITION;
  const negated = op === '!=';
  switch (option) {
    case '--ctstate':
    case 'status':
      if (option === 'status' && !values.every((status) => TRANSLATED.has(status))) return SOME_CONDITION;
      return { option: '--ctstate', negated, values: [values.join(',').toUpperCase()] };
    case '--sport':
    case '--dport':
      return { option, negated, values: [values.join(',')] };
    case '-s':
    case '-d':
      return values.length === 1 ? { option, negated, values } : SOME_CONDITION;
    case '-i':
    case '-o':
      return { option, negated, values: values.map((device) => device.replace(/\*$/, '+')) };
    case '-p':
      return { option, negated, values };
    case 'family':
      return {
        option: '-p',
        negated,
        values: values.map((family) => (OF_IPV4.has(family) ? 'all' : 'other')),
      };
  }
}

/** Of the statuses of a connection those that iptables has among the states. */
const TRANSLATED = new Set(['dnat', 'snat']);

const OF_IPV4 = new Set(['ipv4', 'ip']);

/** What nft calls a condition, and iptables. */
const OPTIONS: Readonly<
  Record<string, '--ctstate' | '--sport' | '--dport' | '-s' | '-d' | '-i' | '-o' | '-p' | 'family' | 'status'>
> = {
  'ct state': '--ctstate',
  'ct status': 'status',
  'meta iifname': '-i',
  'meta iif': '-i',
  'meta oifname': '-o',
  'meta oif': '-o',
  'meta l4proto': '-p',
  'ip protocol': '-p',
  'meta nfproto': 'family',
  'meta protocol': 'family',
  'ether type': 'family',
  'ip saddr': '-s',
  'ip daddr': '-d',
  'tcp sport': '--sport',
  'tcp dport': '--dport',
  'th sport': '--sport',
  'th dport': '--dport',
};

/** `ct state`, `tcp dport`. */
function keyOf(left: Statement): string {
  const [[kind, field] = ['', undefined]] = Object.entries(left);
  const { key, protocol, field: name } = (field ?? {}) as { key?: string; protocol?: string; field?: string };
  return kind === 'payload' ? `${protocol} ${name}` : `${kind} ${key}`;
}

/** @returns undefined where one of them is not understood */
function valuesOf(right: unknown): string[] | undefined {
  if (typeof right === 'string' || typeof right === 'number') return [String(right)];
  if (Array.isArray(right)) return together(right.map(valuesOf));
  const { set, prefix, range } = (right ?? {}) as {
    set?: unknown;
    prefix?: { addr: string; len: number };
    range?: readonly [number, number];
  };
  if (set !== undefined) return valuesOf(set);
  if (prefix) return [`${prefix.addr}/${prefix.len}`];
  return range && typeof range[0] === 'number' ? [range.join(':')] : undefined;
}

const together = (lists: readonly (string[] | undefined)[]): string[] | undefined =>
  lists.some((list) => list === undefined) ? undefined : lists.flatMap((list) => list ?? []);

/** For people. */
function textOf(statement: Statement): string {
  const { match } = statement as { match?: { op: string; left: Statement; right: unknown } };
  if (!match) return Object.keys(statement)[0] ?? '';
  const values = valuesOf(match.right) ?? ['…'];
  const right = values.length === 1 ? values[0]! : `{ ${values.join(', ')} }`;
  return `${keyOf(match.left).replace(/^meta /, '')} ${match.op === '!=' ? '!= ' : ''}${right}`;
}
