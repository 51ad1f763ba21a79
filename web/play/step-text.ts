/** A step of a run as a sentence. */
import type { RunBegun, RunPart, RunStep } from '../../lab/web/messages/run';
import type { Words } from '../words/en';

export function stepText(step: RunStep, architecture: RunBegun['architecture'], words: Words): string {
  const { steps } = words;
  switch (step.kind) {
    case 'phase':
      return steps.phases[step.phase];
    case 'part': {
      const name = partName(step.part, architecture, words);
      return step.does === 'start' ? steps.start(name) : steps.stop(name);
    }
    case 'signal':
      return steps.signals[step.signal](step.program);
    case 'command':
      return steps.command(step.node);
    case 'parameter':
      return steps.parameter(step.node);
    case 'wait':
      return steps.wait(step.duration_ms);
    case 'moment':
      return steps.moments[step.moment];
  }
}

/** What is typed in it, as it is. */
export function stepCode(step: RunStep): string | undefined {
  if (step.kind === 'command') return step.line;
  return step.kind === 'parameter' ? `${step.name}=${step.value}` : undefined;
}

const partName = (part: RunPart, architecture: RunBegun['architecture'], { steps }: Words): string =>
  part === 'guard' ? steps.guards[architecture] : steps.parts[part];
