/** Rules for people: as they are named, and what takes them away or lets packets past them. */
import type { Policy } from './fate';
import type { Rule } from './iptables-save';

/** For one of iptables as it is typed behind `iptables -D`, its table behind it where that is not `filter`. */
export function printedRule({ table, chain, text }: Rule): string {
  switch (toolOf(table)) {
    case 'iptables':
      return `${chain} ${text}${ofTable(table)}`;
    case 'nft':
      return `nft ${table} ${chain} ${text}`;
    case 'ebtables':
      return `ebtables ${chain} ${text}`;
  }
}

/** A rule, or the policy of a chain. */
export const printedCause = (by: Rule | Policy): string =>
  'text' in by ? `a rule (${printedRule(by)})` : `the policy of ${by.chain} (${by.table})`;

/** The command that takes the rule away. */
export function removalOf(rule: Rule): string {
  const { table, chain, text, handle } = rule;
  switch (toolOf(table)) {
    case 'iptables':
      return `iptables -D ${printedRule(rule)}`;
    case 'nft':
      return `nft delete rule ${table} ${chain} handle ${handle}`;
    case 'ebtables':
      return `ebtables -D ${chain} ${text}`;
  }
}

/** The command for a rule before it that lets through what stays within a bridge. */
export function exceptionFor(bridge: string, { table, chain }: Rule | Policy): string {
  switch (toolOf(table)) {
    case 'iptables':
      return `iptables -I ${chain} ${withinBridge(chain, bridge)} -j ACCEPT${ofTable(table)}`;
    case 'nft':
      return table.startsWith('bridge ')
        ? `nft insert rule ${table} ${chain} meta ibrname ${bridge} accept`
        : `nft insert rule ${table} ${chain} iifname ${bridge} oifname ${bridge} accept`;
    case 'ebtables':
      return `ebtables -I ${chain} --logical-in ${bridge} -j ACCEPT`;
  }
}

/** Before routing no device is known by which a packet goes out, and behind it none by which it came. */
function withinBridge(chain: string, bridge: string): string {
  if (chain === 'PREROUTING') return `-i ${bridge}`;
  return chain === 'POSTROUTING' ? `-o ${bridge}` : `-i ${bridge} -o ${bridge}`;
}

/** Who made a table, by its name. */
const toolOf = (table: string): 'iptables' | 'nft' | 'ebtables' =>
  table === 'ebtables' ? 'ebtables' : table.includes(' ') ? 'nft' : 'iptables';

const ofTable = (table: string): string => (table === 'filter' ? '' : ` -t ${table}`);
