/** One connection beside its copy, frame by frame. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Exchange, Step } from '../../lab/web/messages/frame';
import { useWords } from '../words/language';
import { StepView } from './step-view';

const ARROWS = { request: '→', answer: '←', copy: '→', response: '←', canary: '' } as const;

interface Props {
  readonly exchange: Exchange;
  readonly close: () => void;
}

export function ExchangeView({ exchange, close }: Props) {
  const words = useWords();
  const [at, setAt] = useState(0);
  const section = useRef<HTMLElement>(null);
  const { steps, client, caught } = exchange;
  const last = steps.length - 1;

  // A fresh one is gone through from its beginning, and is where the reader wants to be.
  useEffect(() => {
    setAt(0);
    section.current!.focus();
    section.current!.scrollIntoView({ block: 'start' });
  }, [exchange]);

  // The list is longer than its box.
  useEffect(() => {
    section.current!.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const go = (to: number): void => setAt(Math.max(0, Math.min(last, to)));
  const keys: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    Home: 0,
    End: last,
  };
  const step = steps[Math.min(at, last)];

  return (
    <section
      ref={section}
      class="wide exchange"
      aria-labelledby="exchange"
      tabIndex={-1}
      onKeyDown={(event) => {
        const to = keys[event.key];
        if (to === undefined) return;
        event.preventDefault();
        go(to);
      }}
    >
      <h2 id="exchange">
        {words.exchangeTitle} <span class="lab">{client}</span>
      </h2>
      <button type="button" onClick={close}>
        {words.exchangeClose}
      </button>
      {step === undefined ? (
        <p>{words.exchangeNone}</p>
      ) : (
        <>
          <p class={caught ? 'good' : 'bad'}>{caught ? words.caught : words.notCaught}</p>
          <div class="steps-row">
            <button type="button" onClick={() => go(0)} disabled={at === 0}>
              {words.first}
            </button>
            <button type="button" onClick={() => go(at - 1)} disabled={at === 0}>
              {words.previous}
            </button>
            <button type="button" onClick={() => go(at + 1)} disabled={at === last}>
              {words.next}
            </button>
            <button type="button" onClick={() => go(last)} disabled={at === last}>
              {words.last}
            </button>
            <span role="status">{words.step(at + 1, steps.length)}</span>
            <span class="hint">{words.keys}</span>
          </div>
          <div class="worlds" aria-hidden="true">
            <span>{words.liveWorld}</span>
            <span>{words.copyWorld}</span>
          </div>
          <ol class="steps">
            {steps.map((one, index) => (
              <li key={one.frame.id} class={isCopyWorld(one) ? 'right' : 'left'}>
                <button
                  type="button"
                  class={stepClass(one, index, at, step)}
                  aria-current={index === at ? 'step' : undefined}
                  onClick={() => go(index)}
                >
                  <span class="hint">{one.after_ms.toFixed(1)} ms</span> {ARROWS[one.frame.kind]}{' '}
                  {words.kinds[one.frame.kind]} [{one.frame.flags}]
                  {one.frame.length_bytes > 0 && ` ${one.frame.length_bytes} B`}
                  {one.frame.kind === 'response' && caught && <strong> ✕ {words.endsHere}</strong>}
                </button>
              </li>
            ))}
          </ol>
          <StepView step={step} twin={step.twin === undefined ? undefined : steps[step.twin]} />
        </>
      )}
    </section>
  );
}

const isCopyWorld = ({ frame: { kind } }: Step): boolean => kind === 'copy' || kind === 'response';

function stepClass({ frame }: Step, index: number, at: number, current: Step): string {
  const place = index === at ? ' current' : index === current.twin ? ' twin' : index > at ? ' later' : '';
  return `step ${frame.kind}${place}`;
}
