import { useState } from 'preact/hooks';
import type { Exchange } from '../lab/web/messages/frame';
import { ExchangeView } from './exchange/exchange-view';
import { LessonsPanel } from './lessons/lessons-panel';
import { Charts } from './panels/charts';
import { Frames } from './panels/frames';
import { Guard } from './panels/guard';
import { Leaks } from './panels/leaks';
import { Numbers } from './panels/numbers';
import { RequestForm } from './panels/request-form';
import { PictureView } from './picture/picture-view';
import { PlayPanel } from './play/play-panel';
import { Shell } from './shell/shell';
import { askExchange } from './state/ask';
import type { Place } from './state/place';
import { useWatch } from './state/use-watch';
import { TerminalsPanel } from './terminals/terminals-panel';

export function App() {
  const { states, run, lesson, connected } = useWatch();
  const [chosen, show] = useState<Place>('lab');
  const [exchange, setExchange] = useState<Exchange>();
  const [failure, setFailure] = useState<string>();
  // The lab of a run or a lesson has a picture when it is there.
  const shown = states[chosen].picture ? chosen : 'lab';
  const state = states[shown];
  const { picture, readings, blind } = state;
  const { gone } = states.lab;
  const leaks = shown === 'lab' ? state.leaks : [...states.lab.leaks, ...state.leaks];
  const lab = states.lab.picture?.lab ?? '';
  const live = (picture?.copies ?? []).filter(({ architecture }) => architecture !== 'offline');
  const several = live.length > 1;

  const look = (copy: string, client: string): void => {
    setFailure(undefined);
    askExchange(shown, copy, client).then(setExchange, (error: unknown) =>
      setFailure((error as Error).message),
    );
  };

  return (
    <Shell title={({ title }) => title} about={lab} alarm={leaks.length > 0}>
      {(words) => (
        <>
          <div role="status" class="notices">
            {gone && <p class="notice">{words.gone}</p>}
            {!connected && !gone && <p class="notice">{picture ? words.lost : words.connecting}</p>}
            {failure !== undefined && <p class="notice">{failure}</p>}
            {shown !== 'lab' && (
              <p class="notice quiet">
                {shown === 'run' ? words.shownLab(run?.begun.name ?? '') : words.lessons.shownLab}{' '}
                <button type="button" onClick={() => show('lab')}>
                  {words.backToLab(lab)}
                </button>
              </p>
            )}
          </div>
          <Leaks leaks={leaks} />
          {picture && (
            <main>
              <PictureView key={shown} picture={picture} state={state} />
              {live.map(({ from }) => (
                <Guard key={from} copy={from} readings={readings} several={several} />
              ))}
              {shown !== 'run' && (
                <RequestForm
                  key={`request-${shown}`}
                  of={shown}
                  picture={picture}
                  done={({ exchange: fresh }) => setExchange(fresh)}
                />
              )}
              <LessonsPanel
                stage={lesson}
                beside={states.lesson.picture !== undefined}
                shown={shown}
                show={show}
              />
              <TerminalsPanel picture={picture} shown={shown} />
              <PlayPanel lab={lab} run={run} state={states.run} shown={shown} show={show} />
              {exchange && <ExchangeView exchange={exchange} close={() => setExchange(undefined)} />}
              <Frames key={`frames-${shown}`} frames={state.frames} mode={state.mode} look={look} />
              {live.map(({ from }) => (
                <Charts key={from} copy={from} readings={readings} several={several} />
              ))}
              {live.map(({ from }) => (
                <Numbers key={from} copy={from} readings={readings} several={several} />
              ))}
              {Object.keys(blind).length > 0 && (
                <section aria-labelledby="blind">
                  <h2 id="blind">{words.blindTitle}</h2>
                  <ul>
                    {Object.entries(blind).map(([what, why]) => (
                      <li key={what}>
                        {what}: {why}
                      </li>
                    ))}
                  </ul>
                </section>
              )}
            </main>
          )}
        </>
      )}
    </Shell>
  );
}
