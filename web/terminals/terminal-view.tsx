/** One shell in a node. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TerminalWanted } from '../../lab/web/messages/terminal';
import { useWords } from '../words/language';
import type * as EmulatorScript from './emulator';
import { connectShell } from './shell-connection';

/** Not a literal in the import, so that the bundler leaves it to be fetched. */
const SCRIPT = '/terminal.js';

interface Props {
  readonly of: TerminalWanted['of'];
  readonly lab: string;
  readonly node: string;
  readonly close: () => void;
}

export function TerminalView({ of, lab, node, close }: Props) {
  const { terminals: words } = useWords();
  const screen = useRef<HTMLDivElement>(null);
  const behind = useRef<HTMLButtonElement>(null);
  const [end, setEnd] = useState<{ readonly why: string | undefined }>();

  useEffect(() => {
    let dispose = (): void => undefined;
    let isGone = false;
    const open = async (): Promise<void> => {
      const { openEmulator } = (await import(SCRIPT)) as typeof EmulatorScript;
      if (isGone) return;
      const emulator = openEmulator(screen.current!, {
        label: words.named(node),
        typed: (bytes) => connection.type(bytes),
        resized: (size) => connection.resize(size),
        leave: () => behind.current?.focus(),
      });
      const said = (bytes: Uint8Array): void => emulator.write(bytes);
      const connection = connectShell({ of, node, ...emulator.size }, said, (why) => setEnd({ why }));
      dispose = () => {
        connection.close();
        emulator.dispose();
      };
      emulator.focus();
      // It draws only what is in sight.
      screen.current?.scrollIntoView({ block: 'nearest' });
    };
    open().catch((error: unknown) => setEnd({ why: (error as Error).message }));
    return () => {
      isGone = true;
      dispose();
    };
  }, []);

  return (
    <div class="shell" data-lab={lab} data-node={node}>
      <h3>
        {words.named(node)} <span class="lab">{lab}</span>
      </h3>
      <div class="screen" ref={screen} />
      <div class="steps-row">
        <button type="button" ref={behind} onClick={close}>
          {words.close(node)}
        </button>
        <span role="status" class={end?.why === undefined ? '' : 'bad'}>
          {end && (end.why ?? words.ended)}
        </span>
      </div>
    </div>
  );
}
