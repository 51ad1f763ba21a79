/** Runs a load generator in the client's node, bounded in time. */
import { BenchError } from '../stage/bench-error';
import type { Stage } from '../stage/stage';

/** @returns what it wrote to standard output */
export async function runClient(
  { client }: Stage,
  argv: readonly string[],
  timeout_ms: number,
): Promise<string> {
  const { exitCode, stdout, stderr } = await client.exec(argv, { timeout_ms });
  if (exitCode === 0) return stdout.toString();
  const said = `${stdout.toString()}${stderr.toString()}`.trim().slice(-500);
  throw new BenchError('LOAD_FAILED', `\`${argv.join(' ')}\` ended with status ${exitCode}: ${said}`);
}

/** The number that a tool's report has behind a label. */
export function numberIn(report: string, pattern: RegExp): number {
  const found = pattern.exec(report)?.[1];
  if (found !== undefined) return Number(found);
  throw new BenchError('LOAD_FAILED', `No ${pattern.source} in: ${report.trim().slice(-500)}`);
}
