/** Rules of bridges themselves, as `ebtables-save` prints them, in the words of iptables. */
import { rulesIn, type RuleSet } from './iptables-save';
import type { Way } from './walk';

const TABLE = 'ebtables';

/** From one port of a bridge to another. */
export const WAY_OF_EBTABLES: Way = [[TABLE, 'FORWARD']];

/** Of the table `filter`. Protocols there are those of Ethernet, and devices by which a frame comes are ports. */
export function bridgeRulesIn(saved: string): RuleSet {
  const [, text = ''] = /^\*filter$([^]*?)(?=^\*|$(?![^]))/m.exec(saved) ?? [];
  const lines = text.split('\n').filter((line) => /^(:FORWARD|-A) /.test(line));
  const { filter } = rulesIn(lines.map(inWordsOfIptables).join('\n'));
  if (!filter) return {};
  const printed = lines.filter((line) => line.startsWith('-A ')).map((line) => line.replace(/^-A \S+ /, ''));
  const rules = filter.rules.map((rule, index) => ({
    ...rule,
    table: TABLE,
    text: printed[index]!,
  }));
  return { [TABLE]: { ...filter, rules } };
}

const inWordsOfIptables = (line: string): string =>
  line
    .replace(/^(:\S+ [A-Z]+)$/, '$1 ')
    .replace(/ -p (?:IPv4|0x0?800|ip)(?= |$)/i, ' -p all')
    .replace(/ -([io]) (?=\S)/g, ' --port-$1 ')
    .replace(/ --logical-in /, ' -i ')
    .replace(/ --logical-out /, ' -o ');
