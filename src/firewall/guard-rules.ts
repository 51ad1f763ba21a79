/** What the rules of the test server make of the responses: whether a queue catches all of them, and what comes first. */
import type { Flow } from './flow';
import type { Rule, RuleSet, RuleTable } from './iptables-save';
import { coverageOfMatch, least, sourcePortsOf } from './rule-coverage';
import { walk, WAY_OUT, type Step } from './walk';

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
  /** There is a queue where responses do not come by. */
  | { readonly kind: 'wrong-chain'; readonly rule: Rule }
  | { readonly kind: 'missing' };

type PresentGuard = Extract<GuardRule, { kind: 'present' }>;

/** Numbers, both included. */
export interface QueueRange {
  readonly first: number;
  readonly last: number;
}

/**
 * @param responses of the copied port, to everybody who may not hear them
 * @returns of sound guards also what takes those responses away before that connection tracking calls invalid, for among
 *   them are the packets by which `intercept` proves the guard
 */
export function guardRuleIn(rules: RuleSet, responses: Flow): GuardRule {
  const guard = guardFor(rules, responses);
  if (guard.kind !== 'present' || guard.behind || responses.state === 'invalid') return guard;
  const ofInvalid = guardFor(rules, { ...responses, state: 'invalid' });
  return ofInvalid.kind === 'present' ? { ...guard, behind: ofInvalid.behind } : guard;
}

function guardFor(rules: RuleSet, responses: Flow): GuardRule {
  let dropped: Step | undefined;
  const found: PresentGuard[] = [];
  for (const [name, chain] of WAY_OUT) {
    const table = rules[name];
    if (!table) continue;
    const steps = [...walk(table, chain, responses)];
    const guard = guardAmong(steps, dropped);
    if (guard) found.push(guard);
    dropped ??= steps.find(({ effect, whole }) => effect === 'drops' && whole);
  }
  const isSound = ({ behind, bypass }: PresentGuard): boolean => !behind && !bypass;
  return found.find(isSound) ?? found[0] ?? noGuard(rules, responses);
}

/** @param dropped a rule of an earlier chain that takes all of them away */
function guardAmong(steps: readonly Step[], dropped: Step | undefined): PresentGuard | undefined {
  const at = steps.findIndex(({ effect, whole }) => effect === 'queues' && whole);
  if (at < 0) return undefined;
  const before = steps.slice(0, at);
  const { rule } = steps[at]!;
  const isBypass = (step: Step): boolean =>
    step.effect === 'queues' && step.rule.targetWords.includes('--queue-bypass');
  const behind =
    dropped ?? before.find(({ effect, whole }) => effect === 'lets-out' || (effect === 'drops' && whole));
  return {
    kind: 'present',
    rule,
    behind: behind && { rule: behind.rule, effect: behind.effect as 'lets-out' | 'drops' },
    bypass: [...before, steps[at]!].find(isBypass)?.rule,
    queues: queuesOf(rule),
  };
}

/** No rule catches all; the one that comes nearest. */
function noGuard(rules: RuleSet, responses: Flow): GuardRule {
  const tables = Object.entries(rules).filter(
    (entry): entry is [string, RuleTable] => entry[1] !== undefined,
  );
  const queues = tables.flatMap(([, table]) => table.rules.filter(({ target }) => target === 'NFQUEUE'));
  const ofTcp = queues.filter(({ matches }) =>
    matches.every(
      (match) =>
        // What comes in is no response.
        match.option !== '-i' && (match.option !== '-p' || coverageOfMatch(match, responses) !== 'none'),
    ),
  );
  const onTheWay = ofTcp.filter(({ table, chain }) => isOnTheWay(rules, table, chain));
  const isForPort = (rule: Rule): boolean =>
    least(sourcePortsOf(rule).map((match) => coverageOfMatch(match, responses))) === 'all';
  const partial = onTheWay.find(isForPort);
  if (partial) return { kind: 'partial', rule: partial };
  const elsewhere = ofTcp.filter((rule) => !onTheWay.includes(rule));
  const wrongChain = elsewhere.find(isForPort);
  if (wrongChain) return { kind: 'wrong-chain', rule: wrongChain };
  return onTheWay[0] ? { kind: 'wrong-port', rule: onTheWay[0] } : { kind: 'missing' };
}

/** Chains of the user count: some rule may lead there. */
const isOnTheWay = (rules: RuleSet, table: string, chain: string): boolean =>
  WAY_OUT.some(([name, built]) => name === table && (built === chain || !(chain in rules[name]!.policies)));

function queuesOf({ targetWords }: Rule): QueueRange {
  const value = (option: string): string | undefined => targetWords[targetWords.indexOf(option) + 1];
  if (!targetWords.includes('--queue-balance')) {
    const queue = targetWords.includes('--queue-num') ? Number(value('--queue-num')) : 0;
    return { first: queue, last: queue };
  }
  const [first, last] = value('--queue-balance')!.split(':').map(Number);
  return { first: first!, last: last! };
}

/** Source ports that rules lead to an NFQUEUE, wherever they stand; ranges are left out. */
export function portsLedToQueues(rules: RuleSet): number[] {
  const queues = Object.values(rules).flatMap((table) =>
    (table?.rules ?? []).filter(({ target }) => target === 'NFQUEUE'),
  );
  const named = queues
    .flatMap(sourcePortsOf)
    .filter(({ negated }) => !negated)
    .flatMap(({ values }) => (values[0] ?? '').split(','))
    .filter((port) => /^\d+$/.test(port));
  return [...new Set(named.map(Number))];
}
