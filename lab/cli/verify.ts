import type { Command } from 'commander';
import type { Phase } from '../verify/verify-lab';
import { abortOnSignals } from './interrupt';
import { print, printJson, tell } from './output';
import { UsageError } from './usage-error';

interface VerifyOptions {
  readonly name?: string;
  readonly json?: boolean;
  readonly keep?: string;
  readonly seed?: string;
  readonly requests?: string;
}

const progress: Record<Phase, string> = {
  armed: 'taps listen and have seen their mark',
  'load-started': 'the load runs',
  'half-way': 'half of the load is done',
  'load-ended': 'the load is done; waiting for the test server',
  settled: 'the test server has caught up',
};

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('Send a load through a running lab, and prove that all of it was copied and nothing leaked.')
    .option('--name <name>', 'the lab (default: the only one)')
    .option('--json', 'print the report as JSON')
    .option('--keep <dir>', 'keep captures (pcap files) and report in this directory')
    .option('--seed <number>', 'what the load is derived from; a report says which it used')
    .option('--requests <number>', 'how many requests (default 2400)')
    .addHelpText('after', '\nExample:\n  lab verify --keep evidence && wireshark evidence/client.pcap')
    .action(async (options: VerifyOptions) => {
      const seed = wholeNumber('--seed', options.seed, 0, 0xffff_ffff);
      const requests = wholeNumber('--requests', options.requests, 24, 200_000);
      const signal = abortOnSignals();
      const [{ assertEngineAnswers }, { openLab }, { verifyLab }, { keepEvidence }, json, text] =
        await Promise.all([
          import('../engine/docker'),
          import('../engine/running-lab'),
          import('../verify/verify-lab'),
          import('../report/keep'),
          import('../report/json'),
          import('../report/text'),
        ]);
      await assertEngineAnswers();
      const lab = await openLab(options.name);
      const started_ms = performance.now();
      const { verification, evidence } = await verifyLab(lab, {
        ...(seed === undefined ? {} : { seed }),
        ...(requests === undefined ? {} : { requests }),
        signal,
        onPhase: (phase) => {
          if (options.json && !process.stderr.isTTY) return;
          tell(`${((performance.now() - started_ms) / 1000).toFixed(2).padStart(6)} s  ${progress[phase]}`);
        },
      });
      if (options.keep !== undefined) await keepEvidence(options.keep, evidence, verification);
      if (options.json) printJson(json.reportAsJson(verification));
      else print(text.reportAsText(verification));
      if (verification.verdict === 'fail') process.exitCode = 1;
    });
}

function wholeNumber(option: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`);
}
