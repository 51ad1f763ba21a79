/**
 * A shell in a node, over a WebSocket: binary messages are what is typed and what is said, text messages tell a new size
 * (`TerminalSize`, as JSON). The connection is closed with {@link REFUSED} and a reason in words when there can be no shell.
 */

export const REFUSED = 4000;

export interface TerminalSize {
  /** Characters in a line: 2 to 500. */
  readonly columns: number;
  /** Lines: 2 to 200. */
  readonly rows: number;
}

/** As the page asks for it. */
export interface TerminalWanted extends TerminalSize {
  /** In the lab that the page is about, or in that of the lesson. */
  readonly of: 'lab' | 'lesson';
  readonly node: string;
}
