import type { Command } from 'commander';
import type { NodeStatus, ServiceStatus } from '../../../engine/status';
import { callAsText } from '../../../fence/outside-call';
import { componentsLine } from '../../terminal/card';
import { print, printJson, table } from '../../terminal/output';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description(
      'Say what runs in a lab, and whether each part of its plan holds; status 1 when one does not.',
    )
    .option('--name <name>', 'the lab (default: the only one)')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  lab status --json')
    .action(async (options: { name?: string; json?: boolean }) => {
      const [{ assertEngineAnswers }, { findLab }, { statusOf }] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/labs/find'),
        import('../../../engine/status'),
      ]);
      await assertEngineAnswers();
      const status = await statusOf(await findLab(options.name));
      const whole =
        status.nodes.every(({ state }) => state === 'running') &&
        status.services.every(({ isAsPlanned }) => isAsPlanned) &&
        status.checks.every(({ passed }) => passed);
      if (!whole) process.exitCode = 1;
      if (options.json) {
        printJson(status);
        return;
      }
      const { name, topology, bare, components, nodes, services, links, outside, checks } = status;
      print(`${name}: topology ${topology}${bare ? ', bare (no copy was set up)' : ''}`);
      if (components) print(`  ${componentsLine(components)}`);
      print(table([...nodes.map(row), ...services.map(serviceRow)]));
      if (links.length > 0)
        print(
          `\n${table(links.map(({ network, node, impaired }) => [`  link ${network}`, `at ${node}`, impaired]))}`,
        );
      if (outside.length > 0)
        print(
          `\nCalls to others, which went nowhere:\n${outside.map((call) => `  ${callAsText(call)}`).join('\n')}`,
        );
      if (checks.length > 0)
        print(`\n${checks.map(({ holds, passed }) => `  ${passed ? 'yes' : 'NO '}  ${holds}`).join('\n')}`);
    });
}

function row({ name, role, address, address6, on, state }: NodeStatus): string[] {
  const place = on === undefined ? state : `${state} on ${on}`;
  return [`  ${name}`, role, address6 === undefined ? address : `${address}, ${address6}`, place];
}

function serviceRow({ node, name, address, state }: ServiceStatus): string[] {
  return [`  ${node}/${name}`, 'service', address, state];
}
