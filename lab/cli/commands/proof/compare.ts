import type { Command } from 'commander';
import { LOAD_REQUESTS } from '../../../verify/verification';
import type { ComparedLab, ComparePhase } from '../../../compare/compare-lab';
import { ALWAYS_IGNORED, ALWAYS_REDACTED, RuleError, Rules } from '../../../../src/answers/compare/rules';
import { parseThreshold, ThresholdError, type Threshold } from '../../../../src/answers/report/thresholds';
import {
  prepareCiReports,
  withCiReports,
  writeCiReports,
  type CiReportOptions,
} from '../../options/ci-reports';
import { readCapture } from '../../options/read-capture';
import { prepareFiles, prepareFolder, writeResult } from '../../options/result-files';
import { UsageError } from '../../options/usage-error';
import { wholeNumber } from '../../options/whole-number';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, tell } from '../../terminal/output';

interface CompareOptions extends CiReportOptions {
  readonly name?: string;
  readonly from?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly keep?: string;
  readonly fail: readonly string[];
  readonly ignore: readonly string[];
  readonly redact: readonly string[];
  readonly seed?: string;
  readonly requests?: string;
  readonly times?: string;
}

/** As a limit that is passed has status 1. */
const NOTHING_COMPARED = 2;
const TIMES_MAX = 100;

const progress: Record<ComparePhase, string> = {
  recording: 'both servers are recorded',
  played: 'the load is done; waiting for the test server',
  settled: 'the test server has caught up',
};

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function registerCompare(program: Command): void {
  const compare = program
    .command('compare')
    .description('Send a load through a running lab, and compare what both servers answer.')
    .argument('[capture]', 'of the online server with its answers, which a lab with an offline copy plays')
    .option('--name <name>', 'the lab (default: the only one)')
    .option('--from <node>', "the online server, where several are copied (default: the first copy's)")
    .option('--out <file>', 'write the report as an HTML page')
    .option('--json', 'print the report as JSON')
    .option('--keep <dir>', 'keep the captures (pcap files) in this directory')
    .option('--fail <limit>', "exit 1 where it is passed, as 'differing > 0.1%'; several times", several, [])
    .option('--ignore <rule>', 'not compared, as header:etag or json:$..id; several times', several, [])
    .option('--redact <rule>', 'shown in no report, as json:$..pin; several times', several, [])
    .option('--seed <number>', 'what the load is derived from; the report says which it used')
    .option('--requests <number>', 'how many requests (default 400)')
    .option('--times <number>', 'how often the load is played, so that noise is learned (default 2)');
  withCiReports(compare)
    .addHelpText('after', "\nExample:\n  lab compare --out report.html --fail 'differing > 0.1%'")
    .action(async (file: string | undefined, options: CompareOptions) => {
      const seed = wholeNumber('--seed', options.seed, 0, 0xffff_ffff);
      const requests = wholeNumber('--requests', options.requests, LOAD_REQUESTS.min, LOAD_REQUESTS.max);
      const times = wholeNumber('--times', options.times, 1, TIMES_MAX);
      const thresholds = options.fail.map(thresholdOf);
      const rules = {
        ignore: rulesOf(ALWAYS_IGNORED, '--ignore', options.ignore),
        redact: rulesOf(ALWAYS_REDACTED, '--redact', options.redact),
      };
      await prepareFiles({ out: options.out });
      await prepareFolder('keep', options.keep);
      await prepareCiReports(options);
      const capture = file === undefined ? undefined : await readCapture(file);
      const signal = abortOnSignals();
      const [{ assertEngineAnswers }, { openLab }, { compareLab }] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/running/running-lab'),
        import('../../../compare/compare-lab'),
      ]);
      await assertEngineAnswers();
      const lab = await openLab(options.name);
      if (lab.topology.load && (seed ?? requests) !== undefined)
        throw new UsageError(
          `Lab ${lab.name} has a load of its own, which knows neither --seed nor --requests.`,
          'Leave them out; the load is in the topology.',
        );
      const compared = await compareLab(lab, {
        rules,
        signal,
        onPhase: (phase) => tell(progress[phase]),
        ...(capture && { capture }),
        ...(options.from !== undefined && { from: options.from }),
        ...(options.keep !== undefined && { keep: options.keep }),
        ...(seed !== undefined && { seed }),
        ...(requests !== undefined && { requests }),
        ...(times !== undefined && { times }),
      }).catch((error: unknown) => {
        throw error instanceof Error ? Object.assign(error, { status: NOTHING_COMPARED }) : error;
      });
      await report(lab.name, options, thresholds, compared);
    });
}

async function report(
  lab: string,
  options: CompareOptions,
  thresholds: readonly Threshold[],
  { scene, seed, report: result, notes }: ComparedLab,
): Promise<void> {
  const [
    { comparisonAsPage },
    { comparisonAsJson },
    { comparisonAsText },
    { crossedOf, undecidedOf },
    cases,
  ] = await Promise.all([
    import('../../../../src/answers/report/html'),
    import('../../../../src/answers/report/json'),
    import('../../../../src/answers/report/text'),
    import('../../../../src/answers/report/thresholds'),
    import('../../../../src/answers/report/cases'),
  ]);
  const [crossed, undecided] = [crossedOf(result, thresholds), undecidedOf(result, thresholds)];
  const title = `${scene.test.name} beside ${scene.online.name}`;
  if (options.out !== undefined)
    await writeResult('out', options.out, comparisonAsPage(title, result, crossed, undecided, notes));
  await writeCiReports(
    options,
    'lab compare',
    cases.casesOfComparison(`lab compare, ${title}`, result, thresholds, crossed, undecided),
  );
  print(
    (options.json
      ? comparisonAsJson(result, crossed, undecided, notes)
      : comparisonAsText(result, crossed, undecided)
    ).trimEnd(),
  );
  for (const note of notes) tell(note);
  if (result.exchanges.online > 0 && result.exchanges.test === 0)
    tell(`Nothing reached the test server: lab doctor --name ${lab} says why.`);
  if (seed !== undefined) tell(`again with --seed ${seed}`);
  if (result.pairs === 0) process.exitCode = NOTHING_COMPARED;
  else if (crossed.length > 0) process.exitCode = 1;
}

function thresholdOf(text: string): Threshold {
  try {
    return parseThreshold(text);
  } catch (error) {
    if (!(error instanceof ThresholdError)) throw error;
    throw new UsageError(`--fail ${error.message}.`);
  }
}

function rulesOf(always: readonly string[], option: string, given: readonly string[]): Rules {
  try {
    return new Rules([...always, ...given]);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new UsageError(`${option} ${error.message}.`);
  }
}
