/** A frame's bytes, in hexadecimal and as text. */
import type { Field, WholeFrame } from '../../lab/web/messages/frame';
import { useWords } from '../words/language';
import { hexRows } from './hex-rows';

interface Props {
  readonly frame: WholeFrame;
  /** What is pointed at. */
  readonly marked?: Field | undefined;
}

const SHOWN_MAX = 1024;

export function Bytes({ frame, marked }: Props) {
  const words = useWords();
  const rows = hexRows(frame.hex.slice(0, SHOWN_MAX * 2));
  const hidden = Math.max(0, frame.hex.length / 2 - SHOWN_MAX) + frame.missing_bytes;
  const isMarked = (at: number): boolean =>
    marked !== undefined && at >= marked.offset && at < marked.offset + marked.length;
  return (
    <>
      <div class="scroll" tabIndex={0} role="group" aria-label={words.bytes}>
        <table class="bytes">
          <tbody>
            {rows.map(({ offset, bytes, text }) => (
              <tr key={offset}>
                <th scope="row">{offset.toString(16).padStart(4, '0')}</th>
                <td>
                  {bytes.map((byte, index) => (
                    <span key={index} class={isMarked(offset + index) ? 'marked' : undefined}>
                      {byte}{' '}
                    </span>
                  ))}
                </td>
                <td>
                  {text.map((character, index) => (
                    <span key={index} class={isMarked(offset + index) ? 'marked' : undefined}>
                      {character}
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 && <p class="hint">{words.missing(hidden)}</p>}
    </>
  );
}
