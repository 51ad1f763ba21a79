/** What a lab's programs have to say when a test on it fails: where that happens seldom, it is all that is left to look at. */
import type { Lab, LabNode } from '../../lab/library';

/** Without those that are zero; nothing where the program does not run. */
async function countersOf(lab: Lab, { name }: LabNode, program: 'tcpcopy' | 'intercept'): Promise<string> {
  const counted = await lab.counters(name, program);
  const lines = Object.entries(counted ?? {}).filter(([, count]) => count !== 0);
  return lines.map(([counter, count]) => `${counter}=${String(count)}`).join(' ');
}

/** @returns of each node where a program logs, its counters and the end of its log; what cannot be read is left out */
export async function tellOfLab(lab: Lab): Promise<string> {
  const told = lab.nodes.flatMap((node) =>
    (['tcpcopy', 'intercept'] as const).map(async (program) => {
      const { stdout } = await node.exec(['tail', '-n', '12', `/var/log/${program}.log`]);
      const log = stdout.toString().trimEnd();
      if (log === '') return '';
      const counters = await countersOf(lab, node, program).catch(String);
      return `${program} on ${node.name}: ${counters}\n${log}\n`;
    }),
  );
  const known = (await Promise.allSettled(told)).map((one) => (one.status === 'fulfilled' ? one.value : ''));
  return `${lab.name}, when this failed:\n${known.join('')}`;
}

/** Adds it to what Jest prints of a failure: the message, and the stack that begins with it. */
export function tellWith(failure: unknown, told: string): void {
  if (!(failure instanceof Error)) return;
  const { message, stack } = failure;
  failure.message = `${message}\n\n${told}`;
  failure.stack = stack?.replace(message, () => failure.message) ?? failure.message;
}
