/** A step of the lesson that is open: what it says, its task, and what helps. */
import { useState } from 'preact/hooks';
import type { HelpView, StepView } from '../../lab/web/messages/lesson';
import { useWords } from '../words/language';
import { Said } from './said';

interface Props {
  readonly step: StepView;
  readonly help: HelpView | undefined;
  readonly busy: boolean;
  readonly check: () => void;
  readonly askHelp: () => void;
  /** Begins again, at the step of this number. */
  readonly beginAt: (step: number) => void;
  readonly leave: () => void;
}

export function StepCard({ step, help, busy, check, askHelp, beginAt, leave }: Props) {
  const { lessons: words } = useWords();
  const [at, setAt] = useState(step.number);
  return (
    <>
      <h3>
        {words.step} {step.number}/{step.of}: {step.title}
      </h3>
      <Said text={step.text} />
      <p class="task">
        <strong>{words.task}:</strong> {step.task}
      </p>
      <ul>
        {step.holds.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p class="hint">{words.where}</p>
      <div class="steps-row">
        <button type="button" disabled={busy} onClick={check}>
          {words.check}
        </button>
        <button type="button" disabled={busy} onClick={askHelp}>
          {help ? words.askAnswer : words.hint}
        </button>
        <label>
          {words.step}
          <select value={at} onChange={({ currentTarget }) => setAt(Number(currentTarget.value))}>
            {Array.from({ length: step.of }, (_, index) => (
              <option key={index} value={index + 1}>
                {index + 1}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={busy} onClick={() => beginAt(at)}>
          {words.beginAt}
        </button>
        <button type="button" disabled={busy} onClick={leave}>
          {words.leave}
        </button>
      </div>
      {help && (
        <p>
          <strong>{words.hint}:</strong> {help.hint}
        </p>
      )}
      {help?.answer && (
        <>
          <p>
            <strong>{words.answer}:</strong>
          </p>
          <pre>{help.answer.join('\n')}</pre>
        </>
      )}
    </>
  );
}
