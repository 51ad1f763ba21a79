/** Serves a program's counters at /metrics, and at /ready whether it does what it is for, to whoever asks at that address. */
import type { ServerResponse } from 'node:http';
import type { MetricsAddress } from './common-options';
import { formatMetrics, type Readings } from './readings';
import type { Standing } from './service-manager';

const TEXT = 'text/plain; charset=utf-8';
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** A scraper needs one; more than this at once is no scraper. */
const CONNECTIONS_MAX = 16;
const REQUEST_MAX_MS = 5000;

export interface MetricsServer {
  readonly port: number;
  close(): void;
}

/** What is asked of the program, once for each request. */
export interface Asked {
  read(): Readings | Promise<Readings>;
  readiness(): Standing | Promise<Standing>;
}

/** @throws Error that tells what is wrong with the address */
export async function serveMetrics(
  program: string,
  { host, port }: MetricsAddress,
  asked: Asked,
): Promise<MetricsServer> {
  // It takes as long to load as all else of a program, whose start somebody waits for.
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    const path = request.method === 'GET' || request.method === 'HEAD' ? request.url : undefined;
    answer(program, path, asked, response).catch((error: unknown) =>
      response.writeHead(503, { 'Content-Type': TEXT }).end(`${(error as Error).message}\n`),
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_MAX_MS;
  server.headersTimeout = REQUEST_MAX_MS;
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program listens there: see ss -tlnp' : cause.message;
      reject(new Error(`--metrics: cannot listen on ${host}:${port}: ${why}`, { cause }));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      // Such as EMFILE: the scraper tries again.
      server.on('error', () => undefined);
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address ? address.port : port,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

async function answer(
  program: string,
  path: string | undefined,
  asked: Asked,
  response: ServerResponse,
): Promise<void> {
  if (path === '/metrics') {
    const metrics = formatMetrics(program, await asked.read());
    response.writeHead(200, { 'Content-Type': CONTENT_TYPE }).end(metrics);
  } else if (path === '/ready') {
    const { ready, status } = await asked.readiness();
    response
      .writeHead(ready ? 200 : 503, { 'Content-Type': TEXT, 'Cache-Control': 'no-store' })
      .end(`${status}\n`);
  } else response.writeHead(404).end(`${program}: GET /metrics, or /ready\n`);
}
