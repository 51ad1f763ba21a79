import type { Command } from 'commander';
import { UsageError } from '../../options/usage-error';

export function registerSysctl(program: Command): void {
  program
    .command('sysctl')
    .description("Set a parameter of a node's kernel, which is read-only within the node.")
    .argument('<node>', 'for example test')
    .argument('<parameter>', '<name>=<value>, as sysctl(8) takes it')
    .option('--name <name>', 'the lab (default: the only one)')
    .addHelpText('after', '\nExample:\n  lab sysctl test net.ipv4.conf.eth0.rp_filter=0')
    .action(async (node: string, parameter: string, options: { name?: string }) => {
      const [, name, value] = /^(net\.[\w.-]+)=(-?\w+)$/.exec(parameter) ?? [];
      if (name === undefined || value === undefined)
        throw new UsageError(
          `${parameter} is no parameter of a node's network.`,
          'Write net.<name>=<value>, for example net.ipv4.ip_forward=0.',
        );
      const [{ assertEngineAnswers }, { openLab }, { setKernelParameter }] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/running/running-lab'),
        import('../../../engine/nodes/kernel-parameter'),
      ]);
      await assertEngineAnswers();
      const lab = await openLab(options.name);
      await setKernelParameter(lab.name, lab.node(node).name, name, value);
    });
}
