/**
 * A second log of the servers, in which no two requests of a client are alike: by connection and place in it, with
 * lengths both ways, and with the file that the body was kept in.
 */

export const BENCH_LOG = '/var/log/nginx/bench.log';
/** Where the lab's nginx keeps bodies. */
export const BODY_FOLDER = '/var/lib/nginx/body';

/** A line of it, in nginx's words. */
export const LOG_FORMAT =
  '$remote_addr:$remote_port $connection_requests $request_method $request_uri $request_length ' +
  '$status $body_bytes_sent $request_body_file';

export interface Delivery {
  /** The client's end, as `address:port`; the copy keeps it. */
  readonly connection: string;
  /** Place in its connection, from 1. */
  readonly ordinal: number;
  readonly method: string;
  readonly target: string;
  /** Bytes, request line, headers and body. */
  readonly length: number;
  readonly status: number;
  /** Bytes of the response's body that were sent. */
  readonly sent: number;
  /** Undefined for requests without a body. */
  readonly bodyFile: string | undefined;
}

export function deliveryIn(line: string): Delivery | undefined {
  const [connection, ordinal, method, target, length, status, sent, bodyFile] = line.split(' ');
  if (bodyFile === undefined) return undefined;
  return {
    connection: connection!,
    ordinal: Number(ordinal),
    method: method!,
    target: target!,
    length: Number(length),
    status: Number(status),
    sent: Number(sent),
    bodyFile: bodyFile === '-' ? undefined : bodyFile,
  };
}

/** What `deliveryIn` reads, as a server of ours writes it. */
export function lineOf(delivery: Delivery): string {
  const { connection, ordinal, method, target, length, status, sent, bodyFile = '-' } = delivery;
  return [connection, ordinal, method, target, length, status, sent, bodyFile].join(' ');
}

/** All that tells it from another. @param digests of bodies, by file */
export function identityOf(delivery: Delivery, digests: ReadonlyMap<string, string>): string {
  const { connection, ordinal, status, sent, bodyFile } = delivery;
  const digest = bodyFile === undefined ? 'no body' : (digests.get(bodyFile) ?? 'body lost');
  return `${connection} #${ordinal} ${requestOf(delivery)}, ${status} ${sent} B, ${digest}`;
}

/** What the client said, whatever came of it. */
export const requestOf = ({ method, target, length }: Delivery): string => `${method} ${target} ${length} B`;
