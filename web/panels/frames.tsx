import { useState } from 'preact/hooks';
import type { ShownFrame } from '../../lab/web/messages/frame';
import { formatTime, useWords } from '../words/language';

const SHOWN_MAX = 40;

interface Props {
  readonly frames: readonly ShownFrame[];
  readonly mode: 'frames' | 'flows';
  /** @param client `address:port` */
  readonly look: (copy: string, client: string) => void;
  /** Whether it can be; always by default. */
  readonly canLook?: (copy: string, client: string) => boolean;
}

export function Frames({ frames, mode, look, canLook = () => true }: Props) {
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
                    {canLook(frame.copy, clientOf(frame)) ? (
                      <button
                        type="button"
                        class="plain"
                        title={words.open}
                        onClick={() => look(frame.copy, clientOf(frame))}
                      >
                        <What frame={frame} />
                      </button>
                    ) : (
                      <What frame={frame} />
                    )}
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

function What({ frame: { kind, flags, length_bytes, says } }: { frame: ShownFrame }) {
  const words = useWords();
  return (
    <>
      <span class={`kind ${kind}`}>{words.kinds[kind]}</span> [{flags}]
      {length_bytes > 0 && ` ${length_bytes} B`}
      {says !== undefined && <code> {says}</code>}
    </>
  );
}

const clientOf = ({ kind, from, to }: ShownFrame): string =>
  kind === 'request' || kind === 'copy' ? from : to;
