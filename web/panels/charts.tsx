import type { Reading } from '../../lab/web/messages/reading';
import { counterSeries, flowSeries, polyline, rates, type Point } from '../state/series';
import { formatNumber, useLanguage, useWords } from '../words/language';
import { PanelTitle } from './panel-title';

const SPAN_MS = 300_000;
const WIDTH = 300;
const HEIGHT = 60;

interface Props {
  readonly copy: string;
  readonly readings: readonly Reading[];
  readonly several: boolean;
}

export function Charts({ copy, readings, several }: Props) {
  const words = useWords();
  const id = `series-${copy}`;
  const series: [keyof typeof words.series, Point[]][] = [
    ['requests', rates(counterSeries(readings, copy, 'requests_captured'))],
    ['copies', rates(flowSeries(readings, copy, 'copies'))],
    ['sessions', counterSeries(readings, copy, 'sessions_open')],
    ['lateness', counterSeries(readings, copy, 'lateness_ms')],
  ];
  return (
    <section aria-labelledby={id}>
      <PanelTitle id={id} title={words.seriesTitle} of={several ? copy : undefined} />
      <div class="charts">
        {series.map(([name, points]) => (
          <Chart key={name} name={words.series[name]} points={points} />
        ))}
      </div>
    </section>
  );
}

function Chart({ name, points }: { name: string; points: readonly Point[] }) {
  const words = useWords();
  const language = useLanguage();
  const seen = points.filter(({ at_ms }) => (points.at(-1)?.at_ms ?? 0) - at_ms <= SPAN_MS);
  const now = formatNumber(seen.at(-1)?.value ?? 0, language, 1);
  const most = formatNumber(Math.max(0, ...seen.map(({ value }) => value)), language, 1);
  return (
    <figure>
      <figcaption>{name}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words.seriesText(name, now, most)}>
        <polyline points={polyline(seen, WIDTH, HEIGHT, SPAN_MS)} />
      </svg>
      <p class="hint">
        {words.now} {now}, {words.most} {most}
      </p>
    </figure>
  );
}
