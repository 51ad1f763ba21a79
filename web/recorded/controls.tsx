/** Play, hold still, slower, faster, and back to any step. */
import { formatNumber, useLanguage, useWords } from '../words/language';
import type { Clock } from './use-clock';

export const speeds = [0.0625, 0.125, 0.25, 0.5, 1] as const;

/** Of the position. */
const STEP_MS = 50;

interface Props {
  readonly clock: Clock;
  readonly duration_ms: number;
  readonly speed: number;
  readonly setSpeed: (speed: number) => void;
  /** What is done at this moment. */
  readonly caption: string;
  readonly code: string | undefined;
}

export function Controls({ clock, duration_ms, speed, setSpeed, caption, code }: Props) {
  const words = useWords();
  const language = useLanguage();
  const { at_ms, playing } = clock;
  const seconds = (ms: number): string => formatNumber(ms / 1000, language, 1);
  return (
    <section aria-labelledby="controls" class="wide">
      <h2 id="controls">{words.recordedTitle}</h2>
      <p>{words.recordedText}</p>
      <p class="caption" role="status">
        {caption}
        {code !== undefined && <code> {code}</code>}
      </p>
      <div class="steps-row">
        <button type="button" onClick={playing ? clock.pause : clock.play}>
          {playing ? words.pause : words.playOn}
        </button>
        <label>
          {words.speed}
          <select
            name="speed"
            value={String(speed)}
            onChange={({ currentTarget }) => setSpeed(Number(currentTarget.value))}
          >
            {speeds.map((one) => (
              <option key={one} value={String(one)}>
                {one === 1 ? '1' : `1/${1 / one}`}
              </option>
            ))}
          </select>
        </label>
        <label class="grow">
          {words.position}
          <input
            type="range"
            name="position"
            min={0}
            max={Math.ceil(duration_ms / STEP_MS) * STEP_MS}
            step={STEP_MS}
            value={at_ms}
            aria-valuetext={`${seconds(at_ms)} s`}
            onInput={({ currentTarget }) => clock.go(Number(currentTarget.value))}
          />
        </label>
        <span class="hint">
          {seconds(at_ms)} / {seconds(duration_ms)} s
        </span>
      </div>
    </section>
  );
}
