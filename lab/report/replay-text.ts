/** What came of a replay, for people. */
import type { ReplayVerification } from '../verify/replay-lab';

export function replayAsText({
  verdict,
  account,
  exitStatus,
  ledger,
  leaks,
  reasons,
}: ReplayVerification): string {
  const { connections, requests, delivered, missing, doubtful, unexpected, reordered, examples } = ledger;
  return [
    `${verdict.toUpperCase()}  ${requests} requests of ${connections} connections in the file`,
    `  delivered    ${delivered}, missing ${missing}, unexpected ${unexpected}, reordered connections ${reordered}${doubtful === 0 ? '' : `, in doubt ${doubtful}`}`,
    `  leaks        ${leaks.frames} frames`,
    `  tcpcopy      exit status ${exitStatus}; its account:`,
    ...account
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
    ...reasons.map((reason) => `  because      ${reason}`),
    ...examples.map((example) => `  for example  ${example}`),
  ].join('\n');
}
