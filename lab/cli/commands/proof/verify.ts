import type { Command } from 'commander';
import { join } from 'node:path';
import type { RunningLab } from '../../../engine/commands/lab';
import { LOAD_REQUESTS, type Verification } from '../../../verify/verification';
import {
  prepareCiReports,
  withCiReports,
  writeCiReports,
  type CiReportOptions,
} from '../../options/ci-reports';
import type { Phase, VerifyOptions as VerifyLabOptions, VerifyResult } from '../../../verify/verify-lab';
import type { Recording } from '../../../web/messages/recording';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, printJson, tell } from '../../terminal/output';
import { writePage } from './write-page';
import { prepareFiles, prepareFolder } from '../../options/result-files';
import { UsageError } from '../../options/usage-error';
import { labsAtATime, rowOf, rowsAsTable, verifyAll } from './verify-all';
import { wholeNumber } from '../../options/whole-number';

interface VerifyOptions extends CiReportOptions {
  readonly name?: string;
  readonly json?: boolean;
  readonly keep?: string;
  readonly html?: string;
  readonly seed?: string;
  readonly requests?: string;
  readonly all?: boolean;
  readonly labs?: string;
}

/** Of the load. */
interface LoadChoice {
  readonly seed?: number;
  readonly requests?: number;
}

const progress: Record<Phase, string> = {
  armed: 'taps listen and have seen their mark',
  'load-started': 'the load runs',
  'half-way': 'half of the load is done',
  'load-ended': 'the load is done; waiting for the test server',
  settled: 'the test server has caught up',
};

export function registerVerify(program: Command): void {
  const verify = program
    .command('verify')
    .description('Send a load through a running lab, and prove that all of it was copied and nothing leaked.')
    .option('--name <name>', 'the lab (default: the only one)')
    .option('--all', 'start every shipped topology, verify it, and take it down; prints a table')
    .option('--labs <number>', 'with --all: how many labs at a time (default: one for two cores)')
    .option('--json', 'print the report as JSON')
    .option('--keep <dir>', 'keep captures (pcap files) and report in this directory')
    .option('--html <file>', 'write the report, with what was seen, as one HTML file as well')
    .option('--seed <number>', 'what the load is derived from; a report says which it used')
    .option('--requests <number>', 'how many requests (default 2400)');
  withCiReports(verify)
    .addHelpText('after', '\nExample:\n  lab verify --keep evidence && wireshark evidence/client.pcap')
    .action(async (options: VerifyOptions) => {
      const seed = wholeNumber('--seed', options.seed, 0, 0xffff_ffff);
      const requests = wholeNumber('--requests', options.requests, LOAD_REQUESTS.min, LOAD_REQUESTS.max);
      const labs = wholeNumber('--labs', options.labs, 1, 16);
      if (labs !== undefined && !options.all)
        throw new UsageError('--labs goes with --all only.', 'A lab that runs is verified by itself.');
      const load = {
        ...(seed === undefined ? {} : { seed }),
        ...(requests === undefined ? {} : { requests }),
      };
      await prepareFiles({ html: options.html });
      await prepareFolder('keep', options.keep);
      await prepareCiReports(options);
      const signal = abortOnSignals();
      const { assertEngineAnswers } = await import('../../../engine/docker/connection');
      if (options.all) {
        if (options.name !== undefined || options.keep !== undefined || options.html !== undefined)
          throw new UsageError(
            '--all goes with none of --name, --keep and --html.',
            'Verify a running lab for these.',
          );
        await assertEngineAnswers();
        const outcomes = await verifyAll(load, labs ?? labsAtATime(), signal);
        const rows = outcomes.map(({ row }) => row);
        await writeCiReports(
          options,
          'lab verify --all',
          outcomes.map(({ report }) => report),
        );
        if (options.json) printJson(rows);
        else print(rowsAsTable(rows));
        if (rows.some(({ verdict }) => verdict === 'fail')) process.exitCode = 1;
        return;
      }
      await assertEngineAnswers();
      const { openLab } = await import('../../../engine/running/running-lab');
      const lab = await openLab(options.name);
      if (lab.topology.load && (seed ?? requests) !== undefined)
        throw new UsageError(
          `Lab ${lab.name} has a load of its own, which knows neither --seed nor --requests.`,
          'Leave them out; the load is in the topology.',
        );
      const verified = await verifyCopies(lab, load, options, signal);
      const verifications = verified.map(({ verification }) => verification);
      const { caseOfVerification } = await import('../../../report/case');
      await writeCiReports(
        options,
        'lab verify',
        verified.map(({ verification, duration_ms }) =>
          caseOfVerification(lab.topology.name, verification, duration_ms),
        ),
      );
      await tellResults(verifications, options.json ?? false);
      if (verifications.some(({ verdict }) => verdict === 'fail')) process.exitCode = 1;
    });
}

interface Verified {
  readonly verification: Verification;
  readonly duration_ms: number;
}

/** Every copy of the lab, one after the other. */
async function verifyCopies(
  lab: RunningLab,
  load: LoadChoice,
  { json, keep, html }: VerifyOptions,
  signal: AbortSignal,
): Promise<Verified[]> {
  const [verify, { keepEvidence }] = await Promise.all([
    html === undefined ? verifying() : recordingVerifying(),
    import('../../../report/keep'),
  ]);
  const { copies } = lab.topology;
  const names = copies.length > 0 ? copies.map(({ from }) => from) : [undefined];
  const verified: Verified[] = [];
  for (const from of names) {
    const started_ms = performance.now();
    if (names.length > 1) tell(`The copy of ${from!}`);
    const { verification, evidence } = await verify.verify(lab, {
      ...load,
      ...(from === undefined ? {} : { from }),
      signal,
      onPhase: (phase) => {
        if (json && !process.stderr.isTTY) return;
        tell(`${((performance.now() - started_ms) / 1000).toFixed(2).padStart(6)} s  ${progress[phase]}`);
      },
    });
    verified.push({ verification, duration_ms: performance.now() - started_ms });
    if (keep !== undefined)
      await keepEvidence(names.length > 1 ? join(keep, from!) : keep, evidence, verification);
  }
  if (html !== undefined) await writePage(html, verify.recordings);
  return verified;
}

interface Verifying {
  verify(lab: RunningLab, options: VerifyLabOptions): Promise<VerifyResult>;
  readonly recordings: readonly Recording[];
}

async function verifying(): Promise<Verifying> {
  const { verifyLab } = await import('../../../verify/verify-lab');
  return { verify: verifyLab, recordings: [] };
}

/** Looks on at each, and keeps what it sees. */
async function recordingVerifying(): Promise<Verifying> {
  const [{ recordVerify }, { watchLab }] = await Promise.all([
    import('../../../web/record/record-verify'),
    import('../../../web/observe/watch-lab'),
  ]);
  const recordings: Recording[] = [];
  return {
    recordings,
    async verify(lab, options) {
      const { recording, ...result } = await recordVerify(lab, watchLab, options);
      recordings.push(recording);
      return result;
    },
  };
}

/** One report as it is; of several the table, and the reports of those that failed. */
async function tellResults(verifications: readonly Verification[], json: boolean): Promise<void> {
  const [{ reportAsJson }, { reportAsText }] = await Promise.all([
    import('../../../report/json'),
    import('../../../report/text'),
  ]);
  const [first, ...others] = verifications as [Verification, ...Verification[]];
  if (json) {
    const reports = verifications.map(reportAsJson);
    const verdict = verifications.every((one) => one.verdict === 'pass') ? 'pass' : 'fail';
    printJson(others.length === 0 ? reports[0] : { verdict, copies: reports });
    return;
  }
  if (others.length === 0) {
    print(reportAsText(first));
    return;
  }
  for (const verification of verifications) {
    print(`${verification.scene.online.name} to ${verification.scene.test.name}`);
    print(`${reportAsText(verification)}\n`);
  }
  print(rowsAsTable(verifications.map((verification) => rowOf('', verification))));
}
