#!/usr/bin/env node
/** The lab command: reads the command line, and turns what goes wrong into a message and an exit status. */
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { registerApply } from './commands/lab/apply';
import { registerBuild } from './commands/lab/build';
import { registerCapture } from './commands/lab/capture';
import { registerCompare } from './commands/proof/compare';
import { registerDoctor } from './commands/proof/doctor';
import { registerDown } from './commands/lab/down';
import { registerExam } from './commands/learn/exam';
import { registerExec } from './commands/lab/exec';
import { registerGraph } from './commands/topology/graph';
import { interruptedStatus } from './terminal/interrupt';
import { registerLesson } from './commands/learn/lesson';
import { registerLink } from './commands/lab/link';
import { registerList } from './commands/lab/list';
import { registerLogs } from './commands/lab/logs';
import { tell, watchOutput } from './terminal/output';
import { registerPlan } from './commands/topology/plan';
import { registerRecord } from './commands/proof/record';
import { registerRecordDemo } from './commands/proof/record-demo';
import { registerReplay } from './commands/proof/replay';
import { registerRun } from './commands/proof/run';
import { registerSchema } from './commands/topology/schema';
import { registerStatus } from './commands/lab/status';
import { registerSysctl } from './commands/lab/sysctl';
import { registerUp } from './commands/lab/up';
import { useEnginesSaid, withEngineOptions } from './options/engines';
import { registerVerify } from './commands/proof/verify';
import { registerWatch } from './commands/proof/watch';

/** Wrong command line. */
const usageStatus = 2;

/** What a user named that does not exist, or that cannot be started as written. */
const usageCodes = new Set([
  'USAGE',
  'TOPOLOGY_INVALID',
  'LAB_UNKNOWN',
  'LAB_AMBIGUOUS',
  'NODE_UNKNOWN',
  'NETWORK_UNKNOWN',
  'SERVICE_UNKNOWN',
  'COMPONENTS_UNUSABLE',
  'COMPONENTS_DIFFER',
  'FLAVOUR_UNKNOWN',
  'FLAVOUR_UNUSABLE',
  'ENGINE_UNKNOWN',
  'ENGINE_ADDRESS_INVALID',
  'SWARM_MISSING',
  'MACHINE_UNFIT',
  'MACHINES_NOT_AGREED',
  'LESSON_UNKNOWN',
  'STEP_UNKNOWN',
  'LESSON_NOT_OPEN',
  'EXAM_NOT_BEGUN',
]);

const program = new Command('lab')
  .description('Runs testbeds in which live TCP traffic is copied from an online server to a test server.')
  .addHelpText('after', '\nExample:\n  lab up && lab exec client -- curl -s http://online/x && lab down')
  .version(manifest.version)
  .configureHelp({ showGlobalOptions: true })
  .hook('preAction', (_program, command) => useEnginesSaid(command))
  .enablePositionalOptions()
  .exitOverride();

registerUp(program);
registerApply(program);
registerDown(program);
registerStatus(program);
registerPlan(program);
registerGraph(program);
registerExec(program);
registerLogs(program);
registerCapture(program);
registerLink(program);
registerList(program);
registerSchema(program);
registerBuild(program);
registerVerify(program);
registerCompare(program);
registerRun(program);
registerRecord(program);
registerRecordDemo(program);
registerReplay(program);
registerDoctor(program);
registerWatch(program);
registerLesson(program);
registerExam(program);
registerSysctl(program);

program.commands.forEach(withEngineOptions);

watchOutput();

program.parseAsync().catch((error: unknown) => {
  process.exitCode = statusFor(error);
});

function statusFor(failure: unknown): number {
  // What is aborted in Node's own words has its reason behind it.
  const error =
    failure instanceof Error && failure.name === 'AbortError' && failure.cause ? failure.cause : failure;
  // commander has printed its message already, and help is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageStatus;
  if (!(error instanceof Error)) throw error;
  const { code, mend, status } = error as Error & { code?: unknown; mend?: string; status?: number };
  // Errors with a code are answers; without one they are faults of this program, and the trace helps.
  tell(typeof code === 'string' ? `lab: ${error.message}` : `lab: ${error.stack ?? error.message}`);
  if (mend !== undefined) tell(`  ${mend}`);
  if (interruptedStatus !== undefined) return interruptedStatus;
  return usageCodes.has(String(code)) ? usageStatus : (status ?? 1);
}
