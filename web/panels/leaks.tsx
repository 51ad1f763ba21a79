import type { ShownLeak } from '../../lab/web/messages/frame';
import { Bytes } from '../exchange/bytes';
import { formatTime, useWords } from '../words/language';

const SHOWN_MAX = 5;

export function Leaks({ leaks }: { leaks: readonly ShownLeak[] }) {
  const words = useWords();
  return (
    <div role="alert">
      {leaks.length > 0 && (
        <section class="leaks">
          <h2>{words.leakTitle}</h2>
          <p>{words.leakText}</p>
          <ol>
            {leaks.slice(0, SHOWN_MAX).map(({ at_ms, to, text, name, frame }, index) => (
              <li key={index}>
                <p>
                  {formatTime(at_ms)} {name}, {words.leakTo} {to}
                </p>
                <code>{text}</code>
                {index === 0 && frame && <Bytes frame={frame} />}
              </li>
            ))}
          </ol>
          {leaks.length > SHOWN_MAX && <p>{words.leaksMore(leaks.length - SHOWN_MAX)}</p>}
        </section>
      )}
    </div>
  );
}
