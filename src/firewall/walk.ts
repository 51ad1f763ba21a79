/** The rules that decide on a flow's packets, in the order in which the kernel comes to them. */
import type { Flow } from './flow';
import type { Rule, RuleTable } from './iptables-save';
import { coverageOf } from './rule-coverage';

/** Chains that a packet comes by, in this order. */
export type Way = readonly (readonly [table: string, chain: string])[];

/** The table `nat` sees only the first packet of a connection, and decides on none. */
export const WAY_IN: Way = [
  ['raw', 'PREROUTING'],
  ['mangle', 'PREROUTING'],
  ['mangle', 'INPUT'],
  ['filter', 'INPUT'],
];
export const WAY_OUT: Way = [
  ['raw', 'OUTPUT'],
  ['mangle', 'OUTPUT'],
  ['filter', 'OUTPUT'],
  ['mangle', 'POSTROUTING'],
];

/** From one port of a bridge to another, where bridges ask the firewall (net.bridge.bridge-nf-call-iptables). */
export const WAY_ACROSS: Way = [
  ['raw', 'PREROUTING'],
  ['mangle', 'PREROUTING'],
  ['mangle', 'FORWARD'],
  ['filter', 'FORWARD'],
  ['mangle', 'POSTROUTING'],
];

/** A rule that decides on packets. */
export interface Step {
  readonly rule: Rule;
  readonly effect: 'queues' | 'lets-out' | 'drops';
  /** It decides on every packet that comes as far. */
  readonly whole: boolean;
}

const EFFECTS: Readonly<Record<string, Step['effect']>> = {
  ACCEPT: 'lets-out',
  DROP: 'drops',
  REJECT: 'drops',
  NFQUEUE: 'queues',
};

/** @param whole every packet comes to this chain; chains cannot form circles */
export function* walk(
  table: RuleTable,
  chain: string,
  flow: Flow,
  whole = true,
): Generator<Step, void, void> {
  let rest = whole;
  for (const rule of table.rules.filter((candidate) => candidate.chain === chain)) {
    const coverage = coverageOf(rule, flow);
    if (coverage === 'none' || rule.target === undefined) continue;
    const covered = rest && coverage === 'all';
    const effect = EFFECTS[rule.target];
    if (effect) yield { rule, effect, whole: covered };
    else if (rule.target !== 'RETURN') yield* walk(table, rule.target, flow, covered);
    if (rule.target !== 'RETURN' && !rule.leaves) continue;
    const policy = table.policies[chain];
    // From a built-in chain there is nowhere to return to: its policy decides.
    if (policy !== undefined) {
      yield { rule, effect: policy === 'ACCEPT' ? 'lets-out' : 'drops', whole: covered };
    } else if (coverage === 'all') return;
    else rest = false;
  }
}
