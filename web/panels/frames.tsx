import { useState } from 'preact/hooks';
import type { ShownFrame } from '../../lab/web/messages/frame';
import { formatTime, useWords } from '../words/language';

const SHOWN_MAX = 40;

interface Props {
  readonly frames: readonly ShownFrame[];
  readonly mode: 'frames' | 'flows';
  /** @param client `address:port` */
  readonly look: (copy: string, client: string) => void;
}

export function Frames({ frames, mode, look }: Props) {
  const words = useWords();
  const [held, setHeld] = useState<readonly ShownFrame[]>();
  const shown = (held ?? frames).slice(-SHOWN_MAX).toReversed();
  return (
    <section aria-labelledby="frames" class="wide">
      <h2 id="frames">{words.framesTitle}</h2>
      <button
        type="button"
        aria-pressed={held !== undefined}
        onClick={() => setHeld(held ? undefined : frames)}
      >
        {held ? words.resume : words.pause}
      </button>
      {mode === 'flows' && <p class="hint">{words.modeFlows}</p>}
      {shown.length === 0 ? (
        <p>{words.framesNone}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="frames">
          <table class="frames">
            <thead>
              <tr>
                <th scope="col">{words.time}</th>
                <th scope="col">{words.what}</th>
                <th scope="col">{words.flow}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((frame) => (
                <tr key={frame.id} class={frame.kind}>
                  <td>{formatTime(frame.at_ms)}</td>
                  <td>
                    <button
                      type="button"
                      class="plain"
                      title={words.open}
                      onClick={() => look(frame.copy, clientOf(frame))}
                    >
                      <span class={`kind ${frame.kind}`}>{words.kinds[frame.kind]}</span> [{frame.flags}]
                      {frame.length_bytes > 0 && ` ${frame.length_bytes} B`}
                      {frame.says !== undefined && <code> {frame.says}</code>}
                    </button>
                  </td>
                  <td>
                    {frame.from} → {frame.to}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const clientOf = ({ kind, from, to }: ShownFrame): string =>
  kind === 'request' || kind === 'copy' ? from : to;
