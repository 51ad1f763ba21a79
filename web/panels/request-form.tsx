import { useState } from 'preact/hooks';
import type { RequestDone, RequestPosted } from '../../lab/web/messages/message';
import type { Picture } from '../../lab/web/messages/picture';
import { sendRequest } from '../state/ask';
import { useWords } from '../words/language';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD'];

type Progress =
  | { readonly kind: 'idle' }
  | { readonly kind: 'under-way' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'answered'; readonly answer: string };

interface Props {
  readonly of: RequestPosted['of'];
  readonly picture: Picture;
  readonly done: (done: RequestDone) => void;
}

export function RequestForm({ of, picture, done }: Props) {
  const words = useWords();
  const clients = picture.nodes.filter(({ role }) => role === 'client');
  const copies = picture.copies.filter(
    ({ architecture, speech }) => architecture !== 'offline' && speech !== 'unknown',
  );
  const [copy, setCopy] = useState(copies[0]?.from ?? '');
  const [client, setClient] = useState(clients[0]?.name ?? '');
  const [method, setMethod] = useState('GET');
  const [body, setBody] = useState('');
  const speaks = copies.find(({ from }) => from === copy)?.speech === 'redis' ? 'redis' : 'http';
  const [target, setTarget] = useState(speaks === 'redis' ? 'SET greeting hello' : '/hello');
  const [progress, setProgress] = useState<Progress>({ kind: 'idle' });
  if (copies.length === 0) return null;

  const send = async (): Promise<void> => {
    setProgress({ kind: 'under-way' });
    try {
      const result = await sendRequest({ of, copy, client, method, target, body });
      setProgress({ kind: 'answered', answer: result.answer });
      done(result);
    } catch (failure) {
      setProgress({ kind: 'failed', why: (failure as Error).message });
    }
  };

  return (
    <section aria-labelledby="request">
      <h2 id="request">{words.requestTitle}</h2>
      <p>{words.requestText}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {clients.length > 1 && (
          <Choice
            label={words.client}
            value={client}
            options={clients.map(({ name }) => name)}
            choose={setClient}
          />
        )}
        {copies.length > 1 && (
          <Choice
            label={words.server}
            value={copy}
            options={copies.map(({ from }) => from)}
            choose={setCopy}
          />
        )}
        {speaks === 'http' && (
          <Choice label={words.method} value={method} options={METHODS} choose={setMethod} />
        )}
        <label class="grow">
          {speaks === 'redis' ? words.command : words.target}
          <input
            name="target"
            required
            value={target}
            onInput={({ currentTarget }) => setTarget(currentTarget.value)}
          />
        </label>
        {speaks === 'http' && method !== 'GET' && method !== 'HEAD' && (
          <label class="grow">
            {words.body}
            <input name="body" value={body} onInput={({ currentTarget }) => setBody(currentTarget.value)} />
          </label>
        )}
        <button type="submit" disabled={progress.kind === 'under-way'}>
          {words.send}
        </button>
      </form>
      <div role="status">
        {progress.kind === 'under-way' && <p>{words.sending}</p>}
        {progress.kind === 'failed' && <p class="bad">{progress.why}</p>}
        {progress.kind === 'answered' && (
          <>
            <p>{words.answer}:</p>
            <pre>{progress.answer}</pre>
          </>
        )}
      </div>
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly choose: (value: string) => void;
}

const Choice = ({ label, value, options, choose }: ChoiceProps) => (
  <label>
    {label}
    <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  </label>
);
