/** Shells in the nodes. */
import { useState } from 'preact/hooks';
import type { Picture } from '../../lab/web/messages/picture';
import type { Place } from '../state/place';
import { useWords } from '../words/language';
import { TerminalView } from './terminal-view';

interface Props {
  readonly picture: Picture;
  readonly shown: Place;
}

interface Opened {
  readonly id: number;
  readonly of: 'lab' | 'lesson';
  readonly lab: string;
  readonly node: string;
}

export function TerminalsPanel({ picture: { lab, nodes }, shown }: Props) {
  const { terminals: words } = useWords();
  const [opened, setOpened] = useState<readonly Opened[]>([]);
  const [chosen, setChosen] = useState('');
  const node = nodes.find(({ name }) => name === chosen)?.name ?? nodes[0]?.name ?? '';

  return (
    <section aria-labelledby="terminals" class="wide">
      <h2 id="terminals">{words.title}</h2>
      <p>{words.text}</p>
      {shown !== 'run' && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const id = 1 + Math.max(0, ...opened.map((one) => one.id));
            setOpened([...opened, { id, of: shown, lab, node }]);
          }}
        >
          <label>
            {words.node}
            <select
              name="terminal"
              value={node}
              onChange={({ currentTarget }) => setChosen(currentTarget.value)}
            >
              {nodes.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <button type="submit">{words.open}</button>
        </form>
      )}
      {opened.map(({ id, ...one }) => (
        <TerminalView
          key={id}
          {...one}
          close={() => setOpened((before) => before.filter((other) => other.id !== id))}
        />
      ))}
    </section>
  );
}
