import type { Command } from 'commander';
import { diagnose, type Diagnosis } from '../../../../src/doctor/diagnosis';
import { reportAsText, reportOn } from '../../../../src/doctor/report';
import type { Engine } from '../../../engine/docker/connection';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, printJson, told } from '../../terminal/output';
import { loadTopology, shippedNames } from '../../options/topology-source';
import { UsageError } from '../../options/usage-error';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'Say what this machine, or each of the engines, lacks for a lab, or why the copy of a running one does not work.',
    )
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
  const [{ collectHost }, { builderChecks, hostChecks }, { engines, HERE }] = await Promise.all([
    import('../../../doctor/collect-host'),
    import('../../../doctor/host-checks'),
    import('../../../engine/docker/connection'),
  ]);
  const topologies = await Promise.all((source === undefined ? shippedNames() : [source]).map(loadTopology));
  const named = engines().filter(({ name }) => name !== HERE);
  const host = await collectHost(topologies);
  const report = reportOn(
    named.length === 0
      ? diagnose(hostChecks, host)
      : [...(await examineEngines(named)), ...diagnose(builderChecks, host)],
  );
  const who = named.length === 0 ? 'this machine' : `engines ${named.map(({ name }) => name).join(' and ')}`;
  if (json) printJson(report);
  else print(reportAsText(`lab doctor, ${who}`, report));
  if (report.verdict === 'wrong') process.exitCode = 1;
}

async function examineEngines(engines: readonly Engine[]): Promise<Diagnosis<string>[]> {
  const [{ collectEngines }, { engineChecks }] = await Promise.all([
    import('../../../doctor/collect-engines'),
    import('../../../doctor/engine-checks'),
  ]);
  return diagnose(engineChecks, await collectEngines(engines, told, abortOnSignals()));
}

async function examineRunning(name: string, json: boolean): Promise<void> {
  const [{ assertEngineAnswers }, { openLab }, { examineLab }] = await Promise.all([
    import('../../../engine/docker/connection'),
    import('../../../engine/running/running-lab'),
    import('../../../doctor/examine-lab'),
  ]);
  await assertEngineAnswers();
  const examination = await examineLab(await openLab(name), abortOnSignals());
  if (json) printJson(examination);
  else
    for (const report of examination.nodes)
      print(`${reportAsText(`${report.doctor} doctor on ${report.node}`, report)}\n`);
  if (examination.verdict === 'wrong') process.exitCode = 1;
}
