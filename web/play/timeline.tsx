/** What was done in a run, and what the guard did meanwhile. */
import type { RunBegun } from '../../lab/web/messages/run';
import type { TimelineEntry } from '../state/run';
import { formatNumber, useLanguage, useWords } from '../words/language';
import { stepCode, stepText } from './step-text';

interface Props {
  readonly begun: RunBegun;
  readonly entries: readonly TimelineEntry[];
}

export function Timeline({ begun, entries }: Props) {
  const words = useWords();
  const language = useLanguage();
  const start_ms = entries[0]?.at_ms ?? 0;
  return (
    <ol class="timeline" tabIndex={0} aria-label={words.timelineTitle}>
      {entries.map((entry, index) => (
        <li key={index} class={entry.kind}>
          <span class="hint">{formatNumber((entry.at_ms - start_ms) / 1000, language, 2)} s</span>
          <span>
            <Entry entry={entry} architecture={begun.architecture} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Entry({ entry, architecture }: { entry: TimelineEntry; architecture: RunBegun['architecture'] }) {
  const words = useWords();
  if (entry.kind === 'guard') {
    const { level, reason } = entry.change;
    return (
      <>
        {words.guardTitle}: <strong class={level === 'armed' ? 'good' : 'bad'}>{words.levels[level]}</strong>
        {reason !== undefined && <span class="hint"> {reason}</span>}
      </>
    );
  }
  const code = stepCode(entry.step);
  return (
    <>
      {stepText(entry.step, architecture, words)}
      {code !== undefined && <code> {code}</code>}
    </>
  );
}
