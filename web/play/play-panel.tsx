/** Scenarios to choose from, and the one that is played. */
import { useEffect, useState } from 'preact/hooks';
import type { PlayableScenario } from '../../lab/web/messages/run';
import { askScenarios, play, stop } from '../state/ask';
import type { Place } from '../state/place';
import { timelineOf, type Run } from '../state/run';
import type { State } from '../state/state';
import { useLanguage, useWords } from '../words/language';
import { scenarioWords } from '../words/scenarios';
import { Outcome } from './outcome';
import { Timeline } from './timeline';

interface Props {
  /** Of the lab that the page is about. */
  readonly lab: string;
  readonly run: Run | undefined;
  /** Of the lab of the run. */
  readonly state: State;
  readonly shown: Place;
  readonly show: (place: Place) => void;
}

const ARCHITECTURES = ['traditional', 'data-link'] as const;

export function PlayPanel({ lab, run, state, shown, show }: Props) {
  const words = useWords();
  const language = useLanguage();
  const [scenarios, setScenarios] = useState<readonly PlayableScenario[]>([]);
  const [name, setName] = useState('');
  const [seed, setSeed] = useState('');
  const [failure, setFailure] = useState<string>();
  const failed = (error: unknown): void => setFailure((error as Error).message);

  useEffect(() => {
    askScenarios().then((found) => {
      setScenarios(found);
      setName((before) => before || (found[0]?.name ?? ''));
    }, failed);
  }, []);

  const chosen = scenarios.find((one) => one.name === name);
  const isPlaying = run !== undefined && run.end === undefined;
  const start = async (): Promise<void> => {
    setFailure(undefined);
    try {
      await play({ scenario: name, ...(seed === '' ? {} : { seed: Number(seed) }) });
      show('run');
    } catch (error) {
      failed(error);
    }
  };

  return (
    <section aria-labelledby="play" class="wide">
      <h2 id="play">{words.playTitle}</h2>
      <p>{words.playText(lab)}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <label class="grow">
          {words.scenario}
          <select name="scenario" value={name} onChange={({ currentTarget }) => setName(currentTarget.value)}>
            {ARCHITECTURES.map((architecture) => (
              <optgroup key={architecture} label={words.architectures[architecture]}>
                {scenarios
                  .filter((one) => one.architecture === architecture)
                  .map((one) => (
                    <option key={one.name} value={one.name}>
                      {one.name}
                    </option>
                  ))}
              </optgroup>
            ))}
          </select>
        </label>
        <label>
          {words.seed}
          <input
            name="seed"
            inputMode="numeric"
            pattern="[0-9]{1,9}"
            size={9}
            value={seed}
            onInput={({ currentTarget }) => setSeed(currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={isPlaying || name === ''}>
          {words.play}
        </button>
        {isPlaying && (
          <button type="button" onClick={() => void stop().catch(failed)}>
            {words.stopPlaying}
          </button>
        )}
      </form>
      {chosen && <About scenario={chosen} />}
      <div role="status">
        {failure !== undefined && <p class="bad">{failure}</p>}
        {isPlaying && run.steps.length === 0 && (
          <p>
            {words.settingUp} {run.settingUp !== undefined && <code>{run.settingUp}</code>}
          </p>
        )}
        {run?.end && <Outcome begun={run.begun} end={run.end} />}
      </div>
      {run && (
        <>
          <h3>
            {words.timelineTitle} <span class="lab">{run.begun.name}</span>
          </h3>
          <p class="hint">{(scenarioWords(run.begun.name, language) ?? run.begun.about)?.title}</p>
          {run.steps.length > 0 && (
            <Timeline begun={run.begun} entries={timelineOf(run.steps, state.guard)} />
          )}
          {state.picture && (
            <button
              type="button"
              aria-pressed={shown === 'run'}
              onClick={() => show(shown === 'run' ? 'lab' : 'run')}
            >
              {words.showRun}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function About({ scenario: { name, architecture, title, teaches } }: { scenario: PlayableScenario }) {
  const words = useWords();
  const language = useLanguage();
  const said = scenarioWords(name, language) ?? { title, teaches };
  return (
    <>
      <p>
        <strong>{said.title}</strong>
      </p>
      <p>{said.teaches}</p>
      <p class="hint">{words.playIn(architecture)}</p>
    </>
  );
}
