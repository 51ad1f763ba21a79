import type { Command } from 'commander';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, told } from '../../terminal/output';

export function registerBuild(program: Command): void {
  program
    .command('build')
    .description(
      'Make the image that nodes run on, if anything it is made of has changed. `up` does so by itself.',
    )
    .addHelpText('after', '\nExample:\n  lab build')
    .action(async () => {
      const [{ assertEngineAnswers }, { ensureNodeImage }] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/images/ensure'),
      ]);
      await assertEngineAnswers();
      print(await ensureNodeImage(told, abortOnSignals()));
    });
}
