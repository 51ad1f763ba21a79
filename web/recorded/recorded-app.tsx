/** A run that was recorded, watched again. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Exchange } from '../../lab/web/messages/frame';
import type { Recording } from '../../lab/web/messages/recording';
import { ExchangeView } from '../exchange/exchange-view';
import { Charts } from '../panels/charts';
import { Frames } from '../panels/frames';
import { Guard } from '../panels/guard';
import { Leaks } from '../panels/leaks';
import { Numbers } from '../panels/numbers';
import { PictureView } from '../picture/picture-view';
import { Outcome } from '../play/outcome';
import { stepCode, stepText } from '../play/step-text';
import { Timeline } from '../play/timeline';
import { Shell } from '../shell/shell';
import { timelineOf, type TimelineEntry } from '../state/run';
import { scenarioWords } from '../words/scenarios';
import { useLanguage, useWords, type Words } from '../words/language';
import { Controls } from './controls';
import { entriesOf, type Entry } from './entries';
import { Requests } from './requests';
import { useClock } from './use-clock';
import { momentAfter, useMoment } from './use-moment';

const SLOW = 0.25;

export function RecordedApp({ recordings }: { recordings: readonly Recording[] }) {
  const [chosen, choose] = useState(0);
  const [leaking, setLeaking] = useState(false);
  const recording = recordings[chosen]!;
  return (
    <Shell title={({ recording: title }) => title} about={recording.run.name} alarm={leaking}>
      {(words) => (
        <main class="recorded">
          {recordings.length > 1 && (
            <section class="wide" aria-label={words.recordings}>
              <label>
                {words.recordings}
                <select
                  name="recording"
                  value={chosen}
                  onChange={({ currentTarget }) => choose(Number(currentTarget.value))}
                >
                  {recordings.map(({ run }, index) => (
                    <option key={index} value={index}>
                      {run.name} {run.seed}
                    </option>
                  ))}
                </select>
              </label>
            </section>
          )}
          <Recorded key={chosen} recording={recording} setLeaking={setLeaking} />
        </main>
      )}
    </Shell>
  );
}

interface Props {
  readonly recording: Recording;
  readonly setLeaking: (leaking: boolean) => void;
}

function Recorded({ recording, setLeaking }: Props) {
  const words = useWords();
  const language = useLanguage();
  const entries = useMemo(() => entriesOf(recording.messages), [recording]);
  const whole = useMemo(() => momentAfter(entries), [entries]);
  const duration_ms = entries.at(-1)?.at_ms ?? 0;
  const [speed, setSpeed] = useState(SLOW);
  const clock = useClock(duration_ms, speed);
  const { state, run } = useMoment(entries, clock.at_ms);
  const [exchange, setExchange] = useState<Exchange>();
  const kept = useMemo(
    () => new Map(recording.exchanges.map((one) => [`${one.copy} ${one.client}`, one])),
    [recording],
  );
  const isLeaking = state.leaks.length > 0;
  useEffect(() => setLeaking(isLeaking), [isLeaking, setLeaking]);

  const { picture } = whole.state;
  const live = (picture?.copies ?? []).filter(({ architecture }) => architecture !== 'offline');
  const several = live.length > 1;
  const step = run?.steps.at(-1)?.step;
  const about = aboutOf(recording, words, scenarioWords(recording.run.name, language));
  return (
    <>
      <section class="wide" aria-labelledby="about">
        <h2 id="about">{recording.run.name}</h2>
        <p>{about}</p>
        {whole.run?.end && <Outcome begun={recording.run} end={whole.run.end} />}
      </section>
      <Controls
        clock={clock}
        duration_ms={duration_ms}
        speed={speed}
        setSpeed={setSpeed}
        caption={step ? stepText(step, recording.run.architecture, words) : words.notBegun}
        code={step && stepCode(step)}
      />
      <div class="wide">
        <Leaks leaks={state.leaks} />
      </div>
      {picture && <PictureView key={clock.jumps} picture={picture} state={state} />}
      <section aria-labelledby="timeline">
        <h2 id="timeline">{words.timelineTitle}</h2>
        <Timeline
          begun={recording.run}
          entries={timelineOf(whole.run?.steps ?? [], whole.state.guard)}
          reached={timelineOf(run?.steps ?? [], state.guard).length}
          go={(entry) => clock.go(timeOf(entries, entry))}
        />
      </section>
      {live.map(({ from }) => (
        <Guard key={from} copy={from} readings={state.readings} several={several} />
      ))}
      {exchange && <ExchangeView exchange={exchange} close={() => setExchange(undefined)} />}
      <Frames
        frames={state.frames}
        mode={state.mode}
        look={(copy, client) => setExchange(kept.get(`${copy} ${client}`))}
        canLook={(copy, client) => kept.has(`${copy} ${client}`)}
      />
      {live.map(({ from }) => (
        <Charts key={from} copy={from} readings={state.readings} several={several} />
      ))}
      {live.map(({ from }) => (
        <Numbers key={from} copy={from} readings={state.readings} several={several} />
      ))}
      <Requests requests={recording.requests} />
    </>
  );
}

/** When an entry of the timeline comes, in the recording's own time. */
function timeOf(entries: readonly Entry[], entry: TimelineEntry): number {
  const found = entries.find(({ message }) =>
    entry.kind === 'guard'
      ? message.kind === 'guard' && message.change === entry.change
      : message.kind === 'step' && message.step === entry.step,
  );
  return found?.at_ms ?? 0;
}

function aboutOf(
  { run }: Recording,
  words: Words,
  said: { readonly title: string; readonly teaches: string } | undefined,
): string {
  const own = words.runs[run.name] ?? (said ? `${said.title}。${said.teaches}` : undefined);
  return own ?? (run.about ? `${run.about.title}. ${run.about.teaches}` : '');
}
