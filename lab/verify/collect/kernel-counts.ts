/** Counting rules in the nodes: put in for the verification, read four times, taken away in every case. */
import type { LabNode, RunningLab } from '../../engine/nodes/lab';
import { allSettled } from './all-settled';
import type { Cleanup } from './cleanup';
import { VerifyError } from './errors';
import { countersIn, type KernelCount } from '../evidence/kernel-count';
import type { Scene } from '../evidence/scene';
import { kernelWatches, ruleOf, type KernelWatch } from '../evidence/watch';

type Moment = Exclude<keyof KernelCount, 'watch'>;

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
  const rules = kernelWatches(scene).map((watch) => ({
    watch,
    comment: `verify-${run}-${watch.hook}-${watch.id}`,
  }));
  const byNode = new Map<LabNode, typeof rules>();
  for (const rule of rules) {
    const node = lab.node(rule.watch.node);
    byNode.set(node, [...(byNode.get(node) ?? []), rule]);
  }
  const readings = new Map<KernelWatch, Partial<Record<Moment, number>>>(
    rules.map(({ watch }) => [watch, {}]),
  );
  await allSettled(
    [...byNode].map(async ([node, own]) => {
      const change = (action: '-A' | '-D'): string =>
        own
          .map(({ watch, comment }) => iptables(action, watch, comment))
          .join(action === '-A' ? ' && ' : '; ');
      cleanup.add(() => node.exec(['sh', '-c', `${change('-D')}; true`]));
      const { exitCode, stderr } = await node.exec(['sh', '-c', change('-A')]);
      if (exitCode !== 0) {
        throw new VerifyError('RULE_FAILED', `No counting rule on ${node.name}: ${stderr.toString().trim()}`);
      }
    }),
  );
  return {
    async read(moment) {
      await Promise.all(
        [...byNode].map(async ([node, own]) => {
          const { stdout } = await node.exec([
            'sh',
            '-c',
            'iptables-save -c -t raw; iptables-save -c -t mangle',
          ]);
          const counters = countersIn(stdout.toString());
          for (const { watch, comment } of own) readings.get(watch)![moment] = counters.get(comment) ?? 0;
        }),
      );
    },
    counts: () =>
      [...readings].map(([watch, reading]) => ({ watch, ...(reading as Record<Moment, number>) })),
  };
}

/** Words of ours only: nothing in them needs quoting. */
function iptables(action: '-A' | '-D', watch: KernelWatch, comment: string): string {
  const { table, rule } = ruleOf(watch, comment);
  return ['iptables', '-w', '-t', table, action, ...rule].join(' ');
}
