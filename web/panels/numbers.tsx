import type { Reading } from '../../lab/web/messages/reading';
import { byReason, copyIn } from '../state/series';
import { formatNumber, useLanguage, useWords } from '../words/language';
import { PanelTitle } from './panel-title';

const OF_TCPCOPY = [
  'requests_captured',
  'requests_sent',
  'sessions_open',
  'lateness_ms',
  'packets_sent',
  'packets_retransmitted',
];
const OF_INTERCEPT = ['dropped', 'canaries_sent', 'canaries_caught', 'canaries_missed'];

interface Props {
  readonly copy: string;
  readonly readings: readonly Reading[];
  readonly several: boolean;
}

export function Numbers({ copy, readings, several }: Props) {
  const words = useWords();
  const language = useLanguage();
  const counters = copyIn(readings.at(-1), copy)?.counters;
  const id = `numbers-${copy}`;
  const { tcpcopy, intercept } = counters ?? {};
  const shown = [
    ...OF_TCPCOPY.map((name) => [name, tcpcopy?.[name]] as const),
    ...OF_INTERCEPT.map((name) => [name, intercept?.[name]] as const),
  ];
  const givenUp = byReason(tcpcopy, 'requests_given_up_');
  return (
    <section aria-labelledby={id}>
      <PanelTitle id={id} title={words.numbersTitle} of={several ? copy : undefined} />
      {tcpcopy === undefined && <p>{words.noCounters}</p>}
      <dl class="numbers">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{words.numbers[name]}</dt>
            <dd data-counter={name}>{value === undefined ? '–' : formatNumber(value, language)}</dd>
          </div>
        ))}
      </dl>
      <h3>{words.givenUp}</h3>
      {givenUp.length === 0 ? (
        <p>{words.nothingGivenUp}</p>
      ) : (
        <dl class="numbers">
          {givenUp.map(([reason, count]) => (
            <div key={reason}>
              <dt>{reason}</dt>
              <dd>{formatNumber(count, language)}</dd>
            </div>
          ))}
        </dl>
      )}
      <details>
        <summary>{words.allCounters}</summary>
        {(
          [
            ['tcpcopy', tcpcopy],
            ['intercept', intercept],
          ] as const
        ).map(([program, all]) => (
          <dl key={program} class="all">
            {Object.entries(all ?? {}).map(([name, value]) => (
              <div key={name}>
                <dt>
                  {program} {name}
                </dt>
                <dd>{formatNumber(value, language)}</dd>
              </div>
            ))}
          </dl>
        ))}
      </details>
    </section>
  );
}
