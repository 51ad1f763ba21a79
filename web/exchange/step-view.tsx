/** One frame beside the one that says the same in the other world. */
import { useState } from 'preact/hooks';
import type { Field, Step } from '../../lab/web/messages/frame';
import { fieldWords } from '../words/fields';
import { useLanguage, useWords } from '../words/language';
import { Bytes } from './bytes';

interface Props {
  readonly step: Step;
  readonly twin: Step | undefined;
}

export function StepView({ step, twin }: Props) {
  const words = useWords();
  const language = useLanguage();
  const [pointed, setPointed] = useState<string>();
  const { frame, rewritten, waitedFor } = step;
  const names = [
    ...frame.fields.map(({ name }) => name),
    ...(twin?.frame.fields ?? []).map(({ name }) => name).filter((name) => !has(frame.fields, name)),
  ];
  const meant = pointed === undefined ? undefined : fieldWords(pointed, language);
  const twinTitle = {
    request: words.twinCopy,
    copy: words.twinOriginal,
    answer: words.twinResponse,
    response: words.twinAnswer,
    canary: '',
  }[frame.kind];

  return (
    <div class="step-view">
      {waitedFor && (
        <p class="waited">
          <strong>{words.waited}</strong>: {words.causes[waitedFor.cause]}.{' '}
          {words.waitedFor(waitedFor.step + 1, waitedFor.for_ms.toFixed(1))}
        </p>
      )}
      {!twin && <p class="hint">{words.noTwin}</p>}
      <div class="scroll" tabIndex={0} role="group" aria-label={words.field}>
        <table class="fields">
          <thead>
            <tr>
              <th scope="col">{words.field}</th>
              <th scope="col">{words.thisFrame}</th>
              {twin && <th scope="col">{twinTitle}</th>}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name} class={rewritten.includes(name) ? 'rewritten' : undefined} data-field={name}>
                <th scope="row">
                  <button
                    type="button"
                    class="plain"
                    aria-describedby="field-meaning"
                    onMouseEnter={() => setPointed(name)}
                    onFocus={() => setPointed(name)}
                    onClick={() => setPointed(name)}
                  >
                    {fieldWords(name, language).label}
                  </button>
                </th>
                <td>{valueOf(frame.fields, name)}</td>
                {twin && (
                  <td>
                    {valueOf(twin.frame.fields, name)}
                    {rewritten.includes(name) && <span class="mark"> ≠</span>}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div id="field-meaning" class="meaning" aria-live="polite">
        {meant ? (
          <>
            <p>
              <strong>{meant.label}</strong>: {meant.meaning} <cite>{meant.source}</cite>
            </p>
            {twin && rewritten.includes(pointed!) && meant.why !== undefined && (
              <p>
                <strong>{words.why}</strong>: {meant.why}
              </p>
            )}
          </>
        ) : (
          <p class="hint">{words.fieldHint}</p>
        )}
      </div>
      <div class="both">
        <div>
          <h3>{words.thisFrame}</h3>
          <Bytes frame={frame} marked={find(frame.fields, pointed)} />
        </div>
        {twin && (
          <div>
            <h3>{twinTitle}</h3>
            <Bytes frame={twin.frame} marked={find(twin.frame.fields, pointed)} />
          </div>
        )}
      </div>
    </div>
  );
}

const find = (fields: readonly Field[], name: string | undefined): Field | undefined =>
  fields.find((field) => field.name === name);
const has = (fields: readonly Field[], name: string): boolean => find(fields, name) !== undefined;
const valueOf = (fields: readonly Field[], name: string): string => find(fields, name)?.value ?? '–';
