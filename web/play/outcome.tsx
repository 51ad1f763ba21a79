/** What came of a run, and how it is played again. */
import type { RunBegun } from '../../lab/web/messages/run';
import type { RunEnd } from '../state/run';
import { formatNumber, useLanguage, useWords } from '../words/language';

export function Outcome({ begun, end }: { begun: RunBegun; end: RunEnd }) {
  const words = useWords();
  const language = useLanguage();
  if (end.kind === 'broken-off')
    return (
      <p class="bad">
        {words.brokenOff}: {end.why}
      </p>
    );
  const { verdict, reasons, figures } = end.result;
  return (
    <>
      {begun.original && <p>{words.playedByOriginal(begun.original)}</p>}
      <p class={`verdict ${verdict === 'pass' ? 'good' : 'bad'}`}>{words.verdicts[verdict]}</p>
      {reasons.length > 0 && (
        <ul>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <dl class="numbers">
        {Object.entries(figures).map(([name, value]) => (
          <div key={name}>
            <dt>{words.figures[name] ?? name}</dt>
            <dd>{formatNumber(value, language)}</dd>
          </div>
        ))}
      </dl>
      <p>
        {words.again}: <code>{againCommand(begun)}</code>
      </p>
    </>
  );
}

function againCommand({ name, seed }: RunBegun): string {
  const own: Readonly<Record<string, string>> = { verify: 'lab verify', replay: 'lab record-demo replay' };
  const command = own[name] ?? `lab run ${name}`;
  return seed === undefined ? command : `${command} --seed ${seed}`;
}
