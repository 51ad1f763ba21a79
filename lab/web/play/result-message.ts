/** What came of a run, as the page shows it. */
import type { ScenarioResult } from '../../scenarios/result';
import type { RunMessage } from '../messages/run';

export function resultMessage({
  verdict,
  reasons,
  leaked,
  missing,
  doubled,
  detect_ms,
  resume_ms,
}: ScenarioResult): RunMessage {
  const figures = {
    leaked,
    missing,
    doubled,
    ...(detect_ms === undefined ? {} : { detect_ms }),
    ...(resume_ms === undefined ? {} : { resume_ms }),
  };
  return { kind: 'result', at_ms: Date.now(), result: { verdict, reasons, figures } };
}
