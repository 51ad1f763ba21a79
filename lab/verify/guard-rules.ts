/** What the rules of the test server make of the responses: whether a queue catches all of them, and what comes first. */
import { least, coverageOf, coverageOfMatch, sourcePortsOf } from './rule-coverage';
import type { Rule, RuleTable } from './iptables-save';
import type { Scene } from './scene';

export type GuardRule =
  | {
      /** One rule catches every response that comes to it. */
      readonly kind: 'present';
      readonly rule: Rule;
      /** A rule before it that lets responses out, or takes all of them away. */
      readonly behind: { readonly rule: Rule; readonly effect: 'lets-out' | 'drops' } | undefined;
      /** The guard, or a queue before it, when it lets responses out while nobody listens. */
      readonly bypass: Rule | undefined;
      readonly queues: QueueRange;
    }
  /** There is a queue for the port, but responses get past it. */
  | { readonly kind: 'partial'; readonly rule: Rule }
  | { readonly kind: 'wrong-port'; readonly rule: Rule }
  | { readonly kind: 'missing' };

/** Numbers, both included. */
export interface QueueRange {
  readonly first: number;
  readonly last: number;
}

export function guardRuleIn(table: RuleTable, scene: Scene): GuardRule {
  const steps = [...walk('OUTPUT', { table, scene, whole: true })];
  const at = steps.findIndex(({ effect, whole }) => effect === 'queues' && whole);
  if (at < 0) return noGuard(table, scene);
  const before = steps.slice(0, at);
  const { rule } = steps[at]!;
  const isBypass = (step: Step): boolean =>
    step.effect === 'queues' && step.rule.targetWords.includes('--queue-bypass');
  const behind = before.find(({ effect, whole }) => effect === 'lets-out' || (effect === 'drops' && whole));
  return {
    kind: 'present',
    rule,
    behind: behind && { rule: behind.rule, effect: behind.effect as 'lets-out' | 'drops' },
    bypass: [...before, steps[at]!].find(isBypass)?.rule,
    queues: queuesOf(rule),
  };
}

/** Numbers of the queues that somebody has bound, from `/proc/net/netfilter/nfnetlink_queue`. */
export function boundQueuesIn(text: string): number[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Number(line.trim().split(/\s+/)[0]));
}

/** A rule that decides on responses. */
interface Step {
  readonly rule: Rule;
  readonly effect: 'queues' | 'lets-out' | 'drops';
  /** It decides on every response that comes as far. */
  readonly whole: boolean;
}

const EFFECTS: Readonly<Record<string, Step['effect']>> = {
  ACCEPT: 'lets-out',
  DROP: 'drops',
  REJECT: 'drops',
  NFQUEUE: 'queues',
};

interface Place {
  readonly table: RuleTable;
  readonly scene: Scene;
  /** Every response comes here. */
  readonly whole: boolean;
}

/** The rules that decide on responses, in the order in which the kernel comes to them. Chains cannot form circles. */
function* walk(chain: string, { table, scene, whole }: Place): Generator<Step, void, void> {
  let rest = whole;
  for (const rule of table.rules.filter((candidate) => candidate.chain === chain)) {
    const coverage = coverageOf(rule, scene);
    if (coverage === 'none' || rule.target === undefined) continue;
    const covered = rest && coverage === 'all';
    const effect = EFFECTS[rule.target];
    if (effect) yield { rule, effect, whole: covered };
    else if (rule.target !== 'RETURN') yield* walk(rule.target, { table, scene, whole: covered });
    if (rule.target !== 'RETURN' && !rule.leaves) continue;
    const policy = table.policies[chain];
    // From a built-in chain there is nowhere to return to: its policy decides.
    if (policy !== undefined) {
      yield { rule, effect: policy === 'ACCEPT' ? 'lets-out' : 'drops', whole: covered };
    } else if (coverage === 'all') return;
    else rest = false;
  }
}

/** No rule catches all; the one that comes nearest. */
function noGuard(table: RuleTable, scene: Scene): GuardRule {
  const queues = table.rules.filter(
    ({ chain, target, matches }) =>
      target === 'NFQUEUE' &&
      (chain === 'OUTPUT' || !(chain in table.policies)) &&
      matches.every((match) => match.option !== '-p' || coverageOfMatch(match, scene) !== 'none'),
  );
  const isForPort = (rule: Rule): boolean =>
    least(sourcePortsOf(rule).map((match) => coverageOfMatch(match, scene))) === 'all';
  const partial = queues.find(isForPort);
  if (partial) return { kind: 'partial', rule: partial };
  return queues[0] ? { kind: 'wrong-port', rule: queues[0] } : { kind: 'missing' };
}

function queuesOf({ targetWords }: Rule): QueueRange {
  const value = (option: string): string | undefined => targetWords[targetWords.indexOf(option) + 1];
  if (!targetWords.includes('--queue-balance')) {
    const queue = targetWords.includes('--queue-num') ? Number(value('--queue-num')) : 0;
    return { first: queue, last: queue };
  }
  const [first, last] = value('--queue-balance')!.split(':').map(Number);
  return { first: first!, last: last! };
}
