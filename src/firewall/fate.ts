/** What becomes of a flow's packets that come in or go out here. */
import type { Flow } from './flow';
import type { Rule, RuleSet } from './iptables-save';
import { walk, type Way } from './walk';

export type Fate =
  | { readonly kind: 'passes' }
  /** All are taken away, by a rule or by the policy of a chain. */
  | { readonly kind: 'dropped'; readonly by: Rule | Policy }
  /** A rule takes some of them away, or it cannot be told. */
  | { readonly kind: 'uncertain'; readonly by: Rule };

/** Of a built-in chain that no rule decided in. */
export interface Policy {
  readonly table: string;
  readonly chain: string;
}

export function fateOf(rules: RuleSet, way: Way, flow: Flow): Fate {
  let uncertain: Rule | undefined;
  for (const [table, chain] of way) {
    const fate = fateIn(rules, table, chain, flow);
    if (fate.kind === 'dropped') return fate;
    if (fate.kind === 'uncertain') uncertain ??= fate.by;
  }
  return uncertain ? { kind: 'uncertain', by: uncertain } : { kind: 'passes' };
}

function fateIn(rules: RuleSet, name: string, chain: string, flow: Flow): Fate {
  const table = rules[name];
  if (!table) return { kind: 'passes' };
  let taken: Rule | undefined;
  let letIn = false;
  for (const { rule, effect, whole } of walk(table, chain, flow)) {
    if (effect === 'drops') {
      if (whole && !letIn && !taken) return { kind: 'dropped', by: rule };
      taken ??= rule;
    } else letIn = true;
    if (whole) return taken ? { kind: 'uncertain', by: taken } : { kind: 'passes' };
  }
  if (table.policies[chain] === 'DROP' && !letIn) return { kind: 'dropped', by: { table: name, chain } };
  return taken ? { kind: 'uncertain', by: taken } : { kind: 'passes' };
}
