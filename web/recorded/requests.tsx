import type { RecordedRequest } from '../../lab/web/messages/recording';
import { useWords } from '../words/language';

export function Requests({ requests }: { requests: readonly RecordedRequest[] }) {
  const words = useWords();
  if (requests.length === 0) return null;
  return (
    <section aria-labelledby="requests">
      <h2 id="requests">{words.loadTitle}</h2>
      <p>{words.loadText}</p>
      <details>
        <summary>{words.loadCount(requests.length)}</summary>
        <ul class="scroll" tabIndex={0} aria-labelledby="requests">
          {requests.map(({ identity, length_bytes }) => (
            <li key={identity}>
              <code>
                {identity} {length_bytes} B
              </code>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
