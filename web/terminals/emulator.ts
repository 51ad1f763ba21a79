/** The terminal emulator, a script of its own that is fetched when the first shell is opened. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import type { TerminalSize } from '../../lab/web/messages/terminal';
import { withAdoptedStyles } from './adopted-styles';

export interface Emulator {
  readonly size: TerminalSize;
  write(said: Uint8Array): void;
  focus(): void;
  dispose(): void;
}

export interface EmulatorWanted {
  readonly label: string;
  readonly typed: (bytes: Uint8Array) => void;
  readonly resized: (size: TerminalSize) => void;
  /** F6, as Tab belongs to the shell. */
  readonly leave: () => void;
}

const COLOURS = {
  background: '#0d1117',
  foreground: '#f0f6fc',
  cursor: '#6cb2ff',
  selectionBackground: '#33548a',
};
const LEAST: TerminalSize = { columns: 20, rows: 5 };

export function openEmulator(
  element: HTMLElement,
  { label, typed, resized, leave }: EmulatorWanted,
): Emulator {
  const terminal = new Terminal({
    fontSize: 14,
    fontFamily: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    theme: COLOURS,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  withAdoptedStyles(() => terminal.open(element));
  terminal.textarea?.setAttribute('aria-label', label);
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.key === 'F6' && event.type === 'keydown') leave();
    // Back to what stands before it.
    return event.key !== 'F6' && !(event.key === 'Tab' && event.shiftKey);
  });
  const encoder = new TextEncoder();
  terminal.onData((text) => typed(encoder.encode(text)));
  terminal.onBinary((text) => typed(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  const toSize = (): void => {
    const { cols = LEAST.columns, rows = LEAST.rows } = fit.proposeDimensions() ?? {};
    terminal.resize(Math.max(LEAST.columns, cols), Math.max(LEAST.rows, rows));
  };
  toSize();
  terminal.onResize(({ cols, rows }) => resized({ columns: cols, rows }));
  const observer = new ResizeObserver(toSize);
  observer.observe(element);
  return {
    size: { columns: terminal.cols, rows: terminal.rows },
    write: (said) => terminal.write(said),
    focus: () => terminal.focus(),
    dispose() {
      observer.disconnect();
      terminal.dispose();
    },
  };
}
