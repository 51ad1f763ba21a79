/** The lessons, and how far the learner is in each. */
import type { LessonRow } from '../../lab/web/messages/lesson';
import { useWords } from '../words/language';

interface Props {
  readonly rows: readonly LessonRow[];
  readonly disabled: boolean;
  readonly open: (lesson: string) => void;
}

export function LessonList({ rows, disabled, open }: Props) {
  const { lessons: words } = useWords();
  return (
    <ol class="lessons" tabIndex={0} aria-label={words.title}>
      {rows.map(({ name, number, title, teaches, minutes, passed, steps, done }) => (
        <li key={name} data-lesson={name}>
          <div>
            <strong>
              {number}. {title}
            </strong>{' '}
            <span class={done ? 'good' : 'hint'}>
              {done ? words.done : passed > 0 ? `${passed}/${steps}` : `${minutes} ${words.minutes}`}
            </span>
            <div class="hint">{teaches}</div>
          </div>
          <button
            type="button"
            disabled={disabled}
            aria-label={words.openNamed(title)}
            onClick={() => open(name)}
          >
            {passed > 0 && !done ? words.goOn : words.open}
          </button>
        </li>
      ))}
    </ol>
  );
}
