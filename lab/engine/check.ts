/** Asks a node a plan's question until the answer is the expected one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Check, Expectation } from '../plan/step';
import type { ExecResult } from './commands/lab';

const pause_ms = 50;

/** The last answer when the check did not pass in time; undefined when it did. */
export async function failureOf(
  check: Check,
  run: (node: string, argv: readonly string[]) => Promise<ExecResult>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const deadline = Date.now() + check.within_ms;
  for (;;) {
    signal?.throwIfAborted();
    const result = await run(check.node, check.argv);
    if (meets(result, check.expect)) return undefined;
    if (Date.now() >= deadline) {
      const said = `${result.stdout.toString()}${result.stderr.toString()}`.trim() || '(nothing)';
      return `\`${check.argv.join(' ')}\` on ${check.node} said, with exit status ${result.exitCode}: ${said}`;
    }
    await sleep(pause_ms);
  }
}

/** Whether one run's outcome is the expected one. */
export function meets(result: ExecResult, expect: Expectation): boolean {
  const stdout = result.stdout.toString();
  if (expect.exitCode !== undefined && result.exitCode !== expect.exitCode) return false;
  if (expect.stdout !== undefined && !new RegExp(expect.stdout, 'm').test(stdout)) return false;
  return !(expect.silent && (stdout.trim() !== '' || result.exitCode !== 0));
}
