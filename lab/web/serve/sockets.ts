/** Shells for the page, over WebSockets (RFC 6455). */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { reasonOf } from '../../engine/docker/errors';
import { REFUSED } from '../messages/terminal';
import type { OpenedTerminal, Shells } from '../messages/watched';
import { admit, type Door } from './gate';
import { sizeFrom, terminalWantedFrom } from './wanted';

const PATH = '/terminal';
const TYPED_BYTES_MAX = 64 * 1024;
/** What a reader has not taken yet; beyond it the shell has to wait. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** RFC 6455, section 5.5: a close frame's reason. */
const REASON_BYTES_MAX = 123;

/** @returns what ends every connection */
export function serveShells(server: Server, door: Door, shells: Shells): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: TYPED_BYTES_MAX,
    perMessageDeflate: false,
  });
  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    // From here on nobody else listens for it, and what nobody listens for ends this program.
    connection.on('error', () => connection.destroy());
    const { method = '', url: target = '', headers } = request;
    const admission = admit({ method, target, headers, upgrades: true }, door);
    if (admission.kind !== 'admitted' || admission.path !== PATH) {
      const status = admission.kind === 'refused' ? admission.status : 404;
      connection.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, connection, head, (socket) => {
      attach(socket, shells, admission.query).catch((failure: unknown) => refuse(socket, failure));
    });
  });
  return () => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}

/** The shell ends with the connection, and the connection with the shell. */
async function attach(socket: WebSocket, shells: Shells, query: URLSearchParams): Promise<void> {
  // What is typed while the shell is being started is kept.
  const early: [RawData, boolean][] = [];
  const keep = (data: RawData, isBinary: boolean): void => void early.push([data, isBinary]);
  socket.on('message', keep);
  socket.on('error', () => socket.terminate());
  const terminal = await shells.open(terminalWantedFrom(query));
  socket.on('close', () => void terminal.close());
  if (socket.readyState !== socket.OPEN) {
    await terminal.close();
    return;
  }
  socket.off('message', keep);
  const hear = (data: RawData, isBinary: boolean): void => {
    hearFrom(terminal, data, isBinary).catch((failure: unknown) => refuse(socket, failure));
  };
  early.forEach((one) => hear(...one));
  socket.on('message', hear);
  terminal.output.on('data', (said: Buffer) => {
    socket.send(said, () => terminal.output.resume());
    if (socket.bufferedAmount > UNREAD_BYTES_MAX) terminal.output.pause();
  });
  terminal.output.resume();
  await terminal.ended;
  socket.close();
}

async function hearFrom(terminal: OpenedTerminal, data: RawData, isBinary: boolean): Promise<void> {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  if (isBinary) terminal.write(bytes);
  else await terminal.resize(sizeFrom(bytes.toString()));
}

function refuse(socket: WebSocket, failure: unknown): void {
  const reason = Buffer.from(reasonOf(failure))
    .subarray(0, REASON_BYTES_MAX)
    .toString()
    .replace(/\ufffd+$/, '');
  socket.close(REFUSED, reason);
}
