/** The connection to a shell in a node. */
import { REFUSED, type TerminalSize, type TerminalWanted } from '../../lab/web/messages/terminal';

export interface ShellConnection {
  type(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  close(): void;
}

/** @param ended with the reason, where there could be no shell */
export function connectShell(
  { of, node, columns, rows }: TerminalWanted,
  said: (bytes: Uint8Array) => void,
  ended: (why: string | undefined) => void,
): ShellConnection {
  const query = new URLSearchParams({ of, node, columns: `${columns}`, rows: `${rows}` });
  const socket = new WebSocket(`ws://${location.host}/terminal?${query}`);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => said(new Uint8Array(data));
  socket.onclose = ({ code, reason }) => ended(code === REFUSED ? reason : undefined);
  const send = (message: string | Uint8Array<ArrayBuffer>): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(message);
  };
  return {
    type: (bytes) => send(Uint8Array.from(bytes)),
    resize: (size) => send(JSON.stringify(size)),
    close() {
      socket.onclose = null;
      socket.close();
    },
  };
}
