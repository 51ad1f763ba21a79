/** The web server of one watch, on the loopback only. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { reasonOf } from '../../engine/docker/errors';
import type { Message, Refusal } from '../messages/message';
import type { Shells } from '../messages/watched';
import { admit, cookieOf, type Door } from './gate';
import type { PageFile } from './page';
import { serveShells } from './sockets';
import { routesOf, type Route, type Sources } from './routes';

const ADDRESS = '127.0.0.1';
const BODY_BYTES_MAX = 64 * 1024;
const CONNECTIONS_MAX = 64;
const HEADERS_WITHIN_MS = 5_000;
/** What a reader has not taken yet; beyond it the reader is let go, and comes back by itself. */
const UNREAD_BYTES_MAX = 8 * 1024 * 1024;

const SAFE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** By code of what went wrong; of all others, that it cannot be now. */
const STATUSES: Readonly<Record<string, number>> = { REQUEST_UNUSABLE: 400, NOT_KEPT: 404 };

export interface WatchServer {
  /** With the token in it. */
  readonly url: string;
  close(): Promise<void>;
}

export interface Served {
  readonly sources: Sources;
  readonly shells: Shells;
  /** By path. */
  readonly files: ReadonlyMap<string, PageFile>;
}

/** @param port 0 for any that is free @throws Error when it cannot listen there */
export async function serve(served: Served, port: number): Promise<WatchServer> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer({ headersTimeout: HEADERS_WITHIN_MS, requestTimeout: HEADERS_WITHIN_MS });
  server.maxConnections = CONNECTIONS_MAX;
  const routes = routesOf(served.sources);
  const door: Door = { token, port: await listen(server, port) };
  server.on('request', (request, response) => {
    answer(request, response, door, { ...served, routes }).catch((failure: unknown) => {
      if (!response.headersSent) refuse(response, 500, { code: 'FAILED', message: reasonOf(failure) });
      else response.destroy();
    });
  });
  const endShells = serveShells(server, door, served.shells);
  return {
    url: `http://${ADDRESS}:${door.port}/?token=${token}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      endShells();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  door: Door,
  { sources, files, routes }: Served & { readonly routes: ReadonlyMap<string, Route> },
): Promise<void> {
  for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value);
  const { method = '', url: target = '', headers } = request;
  const admission = admit({ method, target, headers }, door);
  if (admission.kind === 'refused') {
    refuse(response, admission.status, { code: 'REFUSED', message: admission.why });
    return;
  }
  if (admission.kind === 'enter') {
    response.writeHead(303, { 'Set-Cookie': cookieOf(door), Location: '/' }).end();
    return;
  }
  const { path, query } = admission;
  const file = files.get(path);
  const route = routes.get(`${method} ${path}`);
  if (method === 'GET' && file) {
    response.writeHead(200, { 'Content-Type': file.type }).end(file.content);
  } else if (method === 'GET' && path === '/events') {
    stream(request, response, sources);
  } else if (route) {
    await carryOut(request, response, query, route);
  } else {
    refuse(response, 404, { code: 'NOT_FOUND', message: 'There is no such page.' });
  }
}

/**
 * Server-sent events (HTML Living Standard, section 9.2): one message each; those of a run are of the type `run`, those of a
 * lesson of the type `lesson`. One connection carries them all, as browsers have few for each server.
 */
function stream(
  request: IncomingMessage,
  response: ServerResponse,
  { watched, playing, teaching }: Sources,
): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write('retry: 1000\n\n');
  const tell = (type: string) => (message: Message) => {
    response.write(`${type}data: ${JSON.stringify(message)}\n\n`);
    if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
  };
  const ends = [
    watched.subscribe(tell('')),
    playing.subscribe(tell('event: run\n')),
    teaching.subscribe(tell('event: lesson\n')),
  ];
  const end = (): void => ends.forEach((one) => one());
  request.once('close', end);
  response.once('close', end);
}

async function carryOut(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  route: Route,
): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    refuse(response, 413, { code: 'TOO_LONG', message: `More than ${BODY_BYTES_MAX} bytes.` });
    return;
  }
  try {
    json(response, 200, await route({ query, body }));
  } catch (failure) {
    const { code } = failure as { code?: unknown };
    if (typeof code !== 'string') throw failure;
    refuse(response, STATUSES[code] ?? 409, { code, message: reasonOf(failure) });
  }
}

/** Undefined when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

const refuse = (response: ServerResponse, status: number, refusal: Refusal): void =>
  json(response, status, refusal);

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message;
      reject(new ListenError(`Cannot listen on ${ADDRESS}:${port}: ${why}.`, { cause }));
    });
    server.listen({ host: ADDRESS, port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

class ListenError extends Error {
  readonly code = 'PORT_TAKEN';
  readonly mend = 'Leave --port out: any free port is taken then.';
}
