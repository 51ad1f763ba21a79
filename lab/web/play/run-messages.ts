/** How a scenario begins and ends, as the page shows it. */
import type { RunningLab } from '../../engine/commands/lab';
import type { ScenarioResult } from '../../scenarios/judgement/result';
import type { RunBegun, RunMessage } from '../messages/run';
import type { Scenario } from '../../scenarios/stage/scenario';

export const begunOf = (
  { name, architecture, title, teaches }: Scenario,
  seed: number,
  flavour: RunningLab['flavour'],
): RunBegun => ({
  name,
  architecture,
  seed,
  ...originalOf(flavour),
  about: { title, teaches },
});

export const originalOf = (flavour: RunningLab['flavour']): Pick<RunBegun, 'original'> =>
  flavour === 'ours' ? {} : { original: flavour };

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
