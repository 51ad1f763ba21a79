/** Counting rules in the nodes: put in for the verification, read four times, taken away in every case. */
import type { ExecResult, LabNode, RunningLab } from '../../engine/commands/lab';
import { iptablesOf } from '../../plan/families';
import { allSettled } from './all-settled';
import type { Cleanup } from './cleanup';
import { VerifyError } from './errors';
import { countersIn, type KernelCount } from '../evidence/kernel-count';
import type { Scene } from '../evidence/scene';
import { kernelWatches, ruleOf, type KernelWatch } from '../evidence/watch';

type Moment = Exclude<keyof KernelCount, 'watch'>;

interface CountingRule {
  readonly watch: KernelWatch;
  readonly comment: string;
}

export interface CountingRules {
  read(moment: Moment): Promise<void>;
  counts(): KernelCount[];
}

export async function installCountingRules(
  lab: RunningLab,
  scene: Scene,
  run: string,
  cleanup: Cleanup,
): Promise<CountingRules> {
  const rules: CountingRule[] = kernelWatches(scene).map((watch) => ({
    watch,
    comment: `verify-${run}-${watch.hook}-${watch.id}`,
  }));
  const places = new Map<string, RulePlace>();
  for (const rule of rules) {
    const { node, family } = rule.watch;
    const key = `${node} ${family}`;
    const place = places.get(key) ?? { node: lab.node(node), iptables: iptablesOf(family), rules: [] };
    places.set(key, { ...place, rules: [...place.rules, rule] });
  }
  const readings = new Map<KernelWatch, Partial<Record<Moment, number>>>(
    rules.map(({ watch }) => [watch, {}]),
  );
  await allSettled(
    [...places.values()].map(async (place) => {
      cleanup.add(() => remove(place));
      const { exitCode, stderr } = await restore(place, '-A');
      if (exitCode === 0) return;
      const { name } = place.node;
      throw new VerifyError('RULE_FAILED', `No counting rule on ${name}: ${stderr.toString().trim()}`);
    }),
  );
  return {
    async read(moment) {
      await Promise.all(
        [...places.values()].map(async ({ node, iptables, rules: own }) => {
          const { stdout } = await node.exec([`${iptables}-save`, '-c']);
          const counters = countersIn(stdout.toString());
          for (const { watch, comment } of own) readings.get(watch)![moment] = counters.get(comment) ?? 0;
        }),
      );
    },
    counts: () =>
      [...readings].map(([watch, reading]) => ({ watch, ...(reading as Record<Moment, number>) })),
  };
}

/** Rules of one family on one node. */
interface RulePlace {
  readonly node: LabNode;
  readonly iptables: string;
  readonly rules: readonly CountingRule[];
}

/** All of them by one process. */
function restore({ node, iptables, rules }: RulePlace, action: '-A' | '-D'): Promise<ExecResult> {
  const input = rules.flatMap(({ watch, comment }) => {
    const { table, rule } = ruleOf(watch, comment);
    return [`*${table}`, [action, ...rule].join(' '), 'COMMIT', ''];
  });
  return node.exec([`${iptables}-restore`, '-w', '-n'], { input: input.join('\n') });
}

/** Somebody may have taken some of them away. */
async function remove(place: RulePlace): Promise<void> {
  if ((await restore(place, '-D')).exitCode === 0) return;
  const { node, iptables, rules } = place;
  for (const { watch, comment } of rules) {
    const { table, rule } = ruleOf(watch, comment);
    await node.exec([iptables, '-w', '-t', table, '-D', ...rule]);
  }
}
