import type { Command } from 'commander';
import { randomInt } from 'node:crypto';
import type { ComponentsChoice } from '../../../engine/nodes/components';
import type { Recording } from '../../../web/messages/recording';
import { componentsChosen, componentsOption, type ComponentsOptions } from '../../options/components';
import { flavourOption } from '../../options/flavour';
import { loadTopology, scenarioTopologies } from '../../options/topology-source';
import { prepareFiles } from '../../options/result-files';
import { UsageError } from '../../options/usage-error';
import { wholeNumber } from '../../options/whole-number';
import { abortOnSignals } from '../../terminal/interrupt';
import { tell, told } from '../../terminal/output';
import { writePage } from './write-page';

interface RecordDemoOptions extends ComponentsOptions {
  readonly out: string;
  readonly seed?: string;
  readonly topology?: string;
}

interface Recorded {
  readonly seed: number;
  readonly components: ComponentsChoice | undefined;
  readonly signal: AbortSignal;
}

/** So little that each frame can be seen. */
const VISIBLE = { requests: 96, rate: 8 };
/** A player says it faster than clients did, and more would not be seen one by one. */
const REPLAYED = { requests: 48, rate: 8 };

export function registerRecordDemo(program: Command): void {
  program
    .command('record-demo')
    .description('Record a run in a lab of its own as one HTML file, to be watched again without any lab.')
    .argument('<what>', 'a scenario, `verify` or `replay`')
    .option('-o, --out <file>', 'where it goes', 'demo.html')
    .option('--seed <number>', 'what load and chance are derived from: the same one records the same again')
    .option('--topology <name or file>', 'of `verify`: what is verified (default: traditional)')
    .addOption(componentsOption())
    .addOption(flavourOption('which command lines these take (default: as their versions tell)'))
    .addHelpText('after', '\nExample:\n  lab record-demo rule-removed --out demo.html')
    .action(async (what: string, options: RecordDemoOptions) => {
      const seed = wholeNumber('--seed', options.seed, 0, 0xffff_ffff) ?? randomInt(1, 1_000_000);
      const components = componentsChosen(options);
      if (options.topology !== undefined && what !== 'verify')
        throw new UsageError('--topology goes with verify only.', 'A scenario has a topology of its own.');
      if (components && what === 'replay')
        throw new UsageError('--components goes with scenarios and verify only.');
      await prepareFiles({ out: options.out });
      const signal = abortOnSignals();
      const { assertEngineAnswers } = await import('../../../engine/docker/connection');
      const how: Recorded = { seed, components, signal };
      const record = {
        verify: () => recordVerifying(options.topology ?? 'traditional', how),
        replay: () => recordReplaying(how),
      }[what];
      const recordOne = record ?? (await scenarioRecording(what, how));
      await assertEngineAnswers();
      const recording = await recordOne();
      await writePage(options.out, [recording]);
      const end = recording.messages.at(-1)?.message;
      if (end?.kind === 'result' && end.result.verdict === 'fail') process.exitCode = 1;
    });
}

/** @throws UsageError when there is no such scenario */
async function scenarioRecording(
  name: string,
  { seed, components, signal }: Recorded,
): Promise<() => Promise<Recording>> {
  const { scenarios } = await import('../../../scenarios/catalogue/all');
  const scenario = scenarios.find((one) => one.name === name);
  if (!scenario)
    throw new UsageError(
      `There is no scenario named ${name}.`,
      '`lab run --list` names them; or `verify`, `replay`.',
    );
  const [{ runScenarios }, { visibleLoads }, { ScenarioRecorder }, { watchLab }] = await Promise.all([
    import('../../../scenarios/run'),
    import('../../../scenarios/loads'),
    import('../../../web/record/record-scenarios'),
    import('../../../web/observe/watch-lab'),
  ]);
  return async () => {
    const recorder = new ScenarioRecorder(watchLab);
    const { observe, onResult } = recorder;
    const topologies = await scenarioTopologies();
    const around = { topologies, components, progress: told, signal, observe, onResult };
    const [result] = await runScenarios([scenario], { ...around, seed, rounds: 1, loads: visibleLoads });
    for (const reason of result!.reasons) tell(`          ${reason}`);
    const [recording] = recorder.recordings;
    if (!recording) throw new NothingRecordedError(result!.reasons);
    return recording;
  };
}

class NothingRecordedError extends Error {
  readonly code = 'NOTHING_RECORDED';

  constructor(reasons: readonly string[]) {
    super(`Nothing was recorded: ${reasons.join('; ')}`);
  }
}

async function recordVerifying(topology: string, { seed, components, signal }: Recorded): Promise<Recording> {
  const [{ inOwnLab }, { recordVerify }, { watchLab }, { visibleLoads }] = await Promise.all([
    import('../../../scenarios/own-lab'),
    import('../../../web/record/record-verify'),
    import('../../../web/observe/watch-lab'),
    import('../../../scenarios/loads'),
  ]);
  const name = `demo-${process.pid}`;
  const own = { name, bare: false, components, progress: told, signal };
  return inOwnLab(await loadTopology(topology), own, async (lab) => {
    const run = visibleLoads.runOf(seed);
    const { recording } = await recordVerify(lab, watchLab, { ...VISIBLE, seed, run, signal });
    return recording;
  });
}

async function recordReplaying({ seed, signal }: Recorded): Promise<Recording> {
  const [{ inOwnLab }, { recordReplay }, { watchLab }, { visibleLoads }] = await Promise.all([
    import('../../../scenarios/own-lab'),
    import('../../../web/record/record-replay'),
    import('../../../web/observe/watch-lab'),
    import('../../../scenarios/loads'),
  ]);
  const own = { name: `demo-${process.pid}`, bare: false, progress: told, signal };
  return inOwnLab(await loadTopology('offline'), own, (lab) => {
    const profile = { seed, run: visibleLoads.runOf(seed), requests: REPLAYED.requests };
    return recordReplay(lab, watchLab, { profile, rate: REPLAYED.rate, signal });
  });
}
