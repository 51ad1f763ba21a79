/** Serves a program's counters at /metrics, to whoever asks at that address. */
import type { MetricsAddress } from './common-options';
import { formatMetrics, type Readings } from './readings';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** A scraper needs one; more than this at once is no scraper. */
const CONNECTIONS_MAX = 16;
const REQUEST_MAX_MS = 5000;

export interface MetricsServer {
  readonly port: number;
  close(): void;
}

/** @param read called once for each request @throws Error that tells what is wrong with the address */
export async function serveMetrics(
  program: string,
  { host, port }: MetricsAddress,
  read: () => Readings,
): Promise<MetricsServer> {
  // It takes as long to load as all else of a program, whose start somebody waits for.
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    const found = request.url === '/metrics' && (request.method === 'GET' || request.method === 'HEAD');
    if (!found) {
      response.writeHead(404).end(`${program}: GET /metrics\n`);
      return;
    }
    response.writeHead(200, { 'Content-Type': CONTENT_TYPE }).end(formatMetrics(program, read()));
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
