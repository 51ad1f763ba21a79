import type { Reading } from '../../lab/web/messages/reading';
import { copyIn } from '../state/series';
import { formatTime, useWords } from '../words/language';
import { PanelTitle } from './panel-title';

interface Props {
  readonly copy: string;
  readonly readings: readonly Reading[];
  readonly several: boolean;
}

export function Guard({ copy, readings, several }: Props) {
  const words = useWords();
  const reading = copyIn(readings.at(-1), copy);
  if (!reading) return null;
  const { guard, findings } = reading;
  const id = `guard-${copy}`;
  return (
    <section aria-labelledby={id}>
      <PanelTitle id={id} title={words.guardTitle} of={several ? copy : undefined} />
      <p role="status" class={`level ${guard.level}`}>
        <strong>{words.levels[guard.level]}</strong>
        {guard.since !== undefined && (
          <span>
            {' '}
            {words.since} {formatTime(Date.parse(guard.since)).slice(0, 8)}
          </span>
        )}
      </p>
      <p>{words.levelTexts[guard.level]}</p>
      {guard.level !== 'armed' && guard.reasons.length > 0 && (
        <>
          <h3>{words.reasons}</h3>
          <ul>
            {guard.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </>
      )}
      <h3>{words.catches}</h3>
      {guard.catches.length === 0 ? (
        <p>{words.nothingCatches}</p>
      ) : (
        guard.catches.map((one) => <code key={one}>{one}</code>)
      )}
      <h3>{words.findings}</h3>
      {findings.length === 0 && <p>{words.noFindings}</p>}
      <ul class="findings">
        {findings.map(({ code, message, mend }) => (
          <li key={code}>
            <strong>{code}</strong>: {message}
            {mend !== undefined && (
              <p>
                {words.mend}: <code>{mend}</code>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
