/** What a check has seen; of a step that is passed, what just happened. */
import type { StepOutcome } from '../../lab/web/messages/lesson';
import { useWords } from '../words/language';
import { Said } from './said';

export function OutcomeView({ outcome: { checks, passed, picture, after } }: { outcome: StepOutcome }) {
  const { lessons: words } = useWords();
  return (
    <div class="outcome">
      <ul class="checks">
        {checks.map(({ holds, held, seen }) => (
          <li key={holds} class={held ? 'good' : 'bad'}>
            {held ? '✓' : '✗'} {holds}
            {!held && (
              <>
                {' – '}
                {words.notYet}: <code>{seen}</code>
              </>
            )}
          </li>
        ))}
      </ul>
      {passed && picture !== undefined && (
        <pre class="drawn" role="img" aria-label={words.picture} tabIndex={0}>
          {picture}
        </pre>
      )}
      {passed && after !== undefined && <Said text={after} />}
    </div>
  );
}
