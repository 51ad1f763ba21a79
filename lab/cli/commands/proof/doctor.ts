import type { Command } from 'commander';
import { diagnose } from '../../../../src/doctor/diagnosis';
import { reportAsText, reportOn } from '../../../../src/doctor/report';
import { print, printJson } from '../../terminal/output';
import { loadTopology, shippedNames } from '../../options/topology-source';
import { UsageError } from '../../options/usage-error';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Say what this machine lacks for a lab, or why the copy of a running one does not work.')
    .argument('[topology]', 'a shipped topology, or a .ts or .json file (default: all that are shipped)')
    .option('--name <name>', 'examine this running lab instead')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  lab doctor traditional && lab up && lab doctor --name traditional')
    .action(async (source: string | undefined, { name, json }: { name?: string; json?: boolean }) => {
      if (name === undefined) await examineMachine(source, json ?? false);
      else if (source === undefined) await examineRunning(name, json ?? false);
      else throw new UsageError('A topology and --name exclude each other.', 'The lab knows its topology.');
    });
}

async function examineMachine(source: string | undefined, json: boolean): Promise<void> {
  const [{ collectHost }, { hostChecks }] = await Promise.all([
    import('../../../doctor/collect-host'),
    import('../../../doctor/host-checks'),
  ]);
  const topologies = await Promise.all((source === undefined ? shippedNames() : [source]).map(loadTopology));
  const report = reportOn(diagnose(hostChecks, await collectHost(topologies)));
  if (json) printJson(report);
  else print(reportAsText('lab doctor, this machine', report));
  if (report.verdict === 'wrong') process.exitCode = 1;
}

async function examineRunning(name: string, json: boolean): Promise<void> {
  const [{ assertEngineAnswers }, { openLab }, { examineLab }] = await Promise.all([
    import('../../../engine/docker/connection'),
    import('../../../engine/nodes/running-lab'),
    import('../../../doctor/examine-lab'),
  ]);
  await assertEngineAnswers();
  const examination = await examineLab(await openLab(name));
  if (json) printJson(examination);
  else
    for (const report of examination.nodes)
      print(`${reportAsText(`${report.doctor} doctor on ${report.node}`, report)}\n`);
  if (examination.verdict === 'wrong') process.exitCode = 1;
}
