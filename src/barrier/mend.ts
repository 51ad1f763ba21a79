/** From the rules that stand to those that are wanted: what iptables-restore(8) is to be told, with --noflush. */
import { rulesIn, type Rule } from '../firewall/iptables-save';
import { MARK, markOf, ownChainOf, type WantedChain } from './wanted';

/**
 * @param saved all tables of the family, as iptables-save prints them
 * @returns undefined where everything stands as it should
 */
export function mendingScript(
  saved: string,
  wanted: readonly WantedChain[],
  queue: number,
): string | undefined {
  const standing = standingIn(saved);
  const broken = wanted.filter((one) => !stands(one, standing, queue));
  if (broken.length === 0) return undefined;
  return script(
    broken.map(({ table, chain, rules, own }) => [
      `*${table}`,
      // A chain that is there is emptied by its name.
      ...(own ? [`:${own.chain} - [0:0]`] : []),
      ...removals(standing, { table, chain }, queue),
      ...(own ? own.rules.map((rule) => `-A ${own.chain} ${rule}`) : []),
      ...rules.toReversed().map((rule) => `-I ${chain} 1 ${rule}`),
    ]),
  );
}

/** @returns undefined where nothing of this queue stands; the rule goes first, and the net behind it */
export function clearingScript(
  saved: string,
  wanted: readonly WantedChain[],
  queue: number,
): string | undefined {
  const standing = standingIn(saved);
  const chains = new Set(saved.split('\n').flatMap((line) => /^:(\S+) /.exec(line)?.[1] ?? []));
  const parts = wanted.toReversed().flatMap(({ table, chain }) => {
    const removed = removals(standing, { table, chain }, queue);
    const own = ownChainOf(queue);
    const dropped = table === 'mangle' && chains.has(own) ? [`-F ${own}`, `-X ${own}`] : [];
    return removed.length + dropped.length === 0 ? [] : [[`*${table}`, ...removed, ...dropped]];
  });
  return parts.length === 0 ? undefined : script(parts);
}

const script = (tables: readonly (readonly string[])[]): string =>
  tables.map((lines) => [...lines, 'COMMIT', ''].join('\n')).join('');

/** First of all rules in its chain, those of other queues' guards aside. */
function stands(
  { table, chain, rules, own }: WantedChain,
  standing: readonly Rule[],
  queue: number,
): boolean {
  const inChain = (name: string): Rule[] =>
    standing.filter((one) => one.table === table && one.chain === name);
  const isOther = ({ text }: Rule): boolean => text.includes(MARK) && !isOurs(text, queue);
  const candidates = inChain(chain).filter((one) => !isOther(one));
  const first = candidates.slice(0, rules.length);
  const isWhole =
    first.length === rules.length && first.every(({ text }, index) => says(text, rules[index]!));
  const isOnce = candidates.slice(rules.length).every(({ text }) => !isOurs(text, queue));
  return isWhole && isOnce && (!own || inChain(own.chain).length === own.rules.length);
}

/** The comment stands for the whole of it: releases print some matches in other words. */
const says = (standing: string, wanted: string): boolean =>
  standing.includes(commentIn(wanted)) && portIn(standing) === portIn(wanted);
const commentIn = (rule: string): string => /--comment (\S+)/.exec(rule)![1]!;
const portIn = (rule: string): string | undefined => /--sport (\S+)/.exec(rule)?.[1];

const isOurs = (text: string, queue: number): boolean => text.includes(markOf(queue));

function removals(
  standing: readonly Rule[],
  { table, chain }: Pick<WantedChain, 'table' | 'chain'>,
  queue: number,
): string[] {
  return standing
    .filter((one) => one.table === table && one.chain === chain && isOurs(one.text, queue))
    .map(({ text }) => `-D ${chain} ${text}`);
}

const standingIn = (saved: string): Rule[] =>
  Object.values(rulesIn(saved)).flatMap((table) => table?.rules ?? []);
