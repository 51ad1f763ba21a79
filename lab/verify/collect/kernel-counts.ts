/** Counting rules in the nodes: put in for the verification, read four times, taken away in every case. */
import type { ExecResult, LabNode, RunningLab } from '../../engine/nodes/lab';
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
  const byNode = new Map<LabNode, CountingRule[]>();
  for (const rule of rules) {
    const node = lab.node(rule.watch.node);
    byNode.set(node, [...(byNode.get(node) ?? []), rule]);
  }
  const readings = new Map<KernelWatch, Partial<Record<Moment, number>>>(
    rules.map(({ watch }) => [watch, {}]),
  );
  await allSettled(
    [...byNode].map(async ([node, own]) => {
      cleanup.add(() => remove(node, own));
      const { exitCode, stderr } = await restore(node, '-A', own);
      if (exitCode !== 0) {
        throw new VerifyError('RULE_FAILED', `No counting rule on ${node.name}: ${stderr.toString().trim()}`);
      }
    }),
  );
  return {
    async read(moment) {
      await Promise.all(
        [...byNode].map(async ([node, own]) => {
          const { stdout } = await node.exec(['iptables-save', '-c']);
          const counters = countersIn(stdout.toString());
          for (const { watch, comment } of own) readings.get(watch)![moment] = counters.get(comment) ?? 0;
        }),
      );
    },
    counts: () =>
      [...readings].map(([watch, reading]) => ({ watch, ...(reading as Record<Moment, number>) })),
  };
}

/** All rules of a node by one process. */
function restore(node: LabNode, action: '-A' | '-D', rules: readonly CountingRule[]): Promise<ExecResult> {
  const input = rules.flatMap(({ watch, comment }) => {
    const { table, rule } = ruleOf(watch, comment);
    return [`*${table}`, [action, ...rule].join(' '), 'COMMIT', ''];
  });
  return node.exec(['iptables-restore', '-w', '-n'], { input: input.join('\n') });
}

/** Somebody may have taken some of them away. */
async function remove(node: LabNode, rules: readonly CountingRule[]): Promise<void> {
  if ((await restore(node, '-D', rules)).exitCode === 0) return;
  for (const { watch, comment } of rules) {
    const { table, rule } = ruleOf(watch, comment);
    await node.exec(['iptables', '-w', '-t', table, '-D', ...rule]);
  }
}
