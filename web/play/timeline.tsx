/** What was done in a run, and what the guard did meanwhile. */
import type { RunBegun } from '../../lab/web/messages/run';
import type { TimelineEntry } from '../state/run';
import { formatNumber, useLanguage, useWords } from '../words/language';
import { stepCode, stepText } from './step-text';

interface Props {
  readonly begun: RunBegun;
  readonly entries: readonly TimelineEntry[];
  /** How many of them have come; all by default. */
  readonly reached?: number;
  /** Where one can go back to each. */
  readonly go?: (entry: TimelineEntry) => void;
}

export function Timeline({ begun, entries, reached = entries.length, go }: Props) {
  const words = useWords();
  const start_ms = entries[0]?.at_ms ?? 0;
  return (
    <ol class="timeline" tabIndex={0} aria-label={words.timelineTitle}>
      {entries.map((entry, index) => (
        <li
          key={index}
          class={`${entry.kind}${index < reached ? '' : ' later'}`}
          aria-current={go && index === reached - 1 ? 'step' : undefined}
        >
          <Time at_s={(entry.at_ms - start_ms) / 1000} go={go && (() => go(entry))} />
          <span>
            <Entry entry={entry} architecture={begun.architecture} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Time({ at_s, go }: { at_s: number; go: (() => void) | undefined }) {
  const words = useWords();
  const language = useLanguage();
  const text = `${formatNumber(at_s, language, 2)} s`;
  if (!go) return <span class="hint">{text}</span>;
  return (
    <button type="button" class="plain" title={words.goThere} onClick={go}>
      {text}
    </button>
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
