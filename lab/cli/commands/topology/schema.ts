import type { Command } from 'commander';
import { topologyJsonSchema } from '../../../topology/schema';
import { printJson } from '../../terminal/output';

export function registerSchema(program: Command): void {
  program
    .command('schema')
    .description('Print the JSON Schema of a topology file.')
    .addHelpText('after', '\nExample:\n  lab schema > topology.schema.json')
    .action(() => printJson(topologyJsonSchema()));
}
