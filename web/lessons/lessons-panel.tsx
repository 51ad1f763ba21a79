/** Lessons to choose from, and the one that is open. */
import { useEffect, useState } from 'preact/hooks';
import type { CheckView, HelpView, LessonRow, LessonStage, StepView } from '../../lab/web/messages/lesson';
import { askHelp, askLessons, askStep, checkLesson, leaveLesson, openLesson } from '../state/ask';
import type { Place } from '../state/place';
import { useLanguage, useWords } from '../words/language';
import { LessonList } from './lesson-list';
import { OutcomeView } from './outcome-view';
import { StepCard } from './step-card';

interface OfStep {
  /** Name of the step that it is about. */
  readonly of: string;
}

interface Props {
  readonly stage: LessonStage;
  /** The lab of the lesson is another one than the page is about. */
  readonly beside: boolean;
  readonly shown: Place;
  readonly show: (place: Place) => void;
}

export function LessonsPanel({ stage, beside, shown, show }: Props) {
  const { lessons: words } = useWords();
  const language = useLanguage();
  const [rows, setRows] = useState<readonly LessonRow[]>([]);
  const [step, setStep] = useState<StepView>();
  const [checked, setChecked] = useState<CheckView & OfStep>();
  const [helped, setHelped] = useState<HelpView & OfStep>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const failed = (error: unknown): void => setFailure((error as Error).message);
  const open = stage.kind === 'open' ? stage : undefined;
  // Another page may have gone on meanwhile.
  const help = helped?.of === open?.step ? helped : undefined;
  const outcome = (checked?.next?.step ?? checked?.of) === open?.step ? checked : undefined;
  const isDone = outcome?.passed === true && outcome.next === undefined;

  useEffect(() => {
    askLessons(language).then(setRows, failed);
  }, [language, stage.kind, open?.step, isDone]);
  useEffect(() => {
    if (!open) setStep(undefined);
    else askStep(language).then((found) => setStep(found ?? undefined), failed);
  }, [language, open?.lesson, open?.step]);

  const during = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    await work().catch(failed);
    setBusy(false);
  };
  const begin = (lesson: string, at?: number): Promise<void> =>
    during(async () => {
      setChecked(undefined);
      setStep(await openLesson({ lesson, language, ...(at === undefined ? {} : { at }) }));
      show('lesson');
    });
  const check = (of: string): Promise<void> =>
    during(async () => {
      setChecked(undefined);
      setChecked({ ...(await checkLesson(language)), of });
    });
  const askForHelp = (of: string): Promise<void> =>
    during(async () => setHelped({ ...(await askHelp(language)), of }));
  const leave = (): Promise<void> =>
    during(async () => {
      show('lab');
      await leaveLesson();
    });

  const lesson = stage.kind === 'closed' ? undefined : rows.find(({ name }) => name === stage.lesson);
  const following = lesson && rows[lesson.number];
  return (
    <section aria-labelledby="lessons" class="wide">
      <h2 id="lessons">
        {words.title}
        {lesson && (
          <span class="lab">
            {' '}
            {lesson.number}. {lesson.title}
          </span>
        )}
      </h2>
      <div role="status">
        {failure !== undefined && <p class="bad">{failure}</p>}
        {stage.kind === 'opening' && (
          <p>
            {words.opening} {stage.doing !== undefined && <code>{stage.doing}</code>}
          </p>
        )}
        {busy && open && <p>{words.looking}</p>}
        {outcome && (
          <p class={`verdict ${outcome.passed ? 'good' : 'bad'}`}>
            {isDone ? words.lessonDone : outcome.passed ? words.passed : words.notYet}
          </p>
        )}
      </div>
      {stage.kind === 'closed' && (
        <>
          <p>{words.text}</p>
          <LessonList rows={rows} disabled={busy} open={(name) => void begin(name)} />
        </>
      )}
      {stage.kind === 'opening' && (
        <button type="button" onClick={() => void leaveLesson().catch(failed)}>
          {words.stop}
        </button>
      )}
      {outcome?.passed && <OutcomeView outcome={outcome} />}
      {open && step && !isDone && (
        <StepCard
          key={step.step}
          step={step}
          help={help}
          busy={busy}
          check={() => void check(step.step)}
          askHelp={() => void askForHelp(step.step)}
          beginAt={(at) => void begin(open.lesson, at)}
          leave={() => void leave()}
        />
      )}
      {outcome && !outcome.passed && <OutcomeView outcome={outcome} />}
      {open && isDone && (
        <div class="steps-row">
          {following && (
            <button type="button" disabled={busy} onClick={() => void begin(following.name)}>
              {words.openNamed(following.title)}
            </button>
          )}
          <button type="button" disabled={busy} onClick={() => void leave()}>
            {words.leave}
          </button>
        </div>
      )}
      {open && beside && (
        <button
          type="button"
          aria-pressed={shown === 'lesson'}
          onClick={() => show(shown === 'lesson' ? 'lab' : 'lesson')}
        >
          {words.showLab}
        </button>
      )}
    </section>
  );
}
