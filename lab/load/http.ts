/** HTTP/1.1 as the load speaks it (RFC 9112): requests that carry their identity, answers with a Content-Length. */
import type { Random } from './random';

const encoder = new TextEncoder();

/** `GET` or `POST /lab/<identity>`; a POST's body is random to the byte. */
export function httpRequest(
  identity: string,
  bodyMax_bytes: number,
  close: boolean,
  random: Random,
): Uint8Array {
  const post = random.chance(0.4);
  const length = post ? bodyLength(bodyMax_bytes, random) : 0;
  const head = [
    `${post ? 'POST' : 'GET'} /lab/${identity} HTTP/1.1`,
    'Host: online',
    `X-Padding: ${'p'.repeat(random.between(0, 300))}`,
    ...(post ? ['Content-Type: application/octet-stream', `Content-Length: ${length}`] : []),
    `Connection: ${close ? 'close' : 'keep-alive'}`,
    '',
    '',
  ].join('\r\n');
  const bytes = new Uint8Array(head.length + length);
  bytes.set(encoder.encode(head));
  for (let index = head.length; index < bytes.length; index += 1) bytes[index] = random.between(0, 255);
  return bytes;
}

/** Small bodies are common, large ones are not rare. */
function bodyLength(max_bytes: number, random: Random): number {
  if (random.chance(0.02)) return max_bytes;
  return random.chance(0.1) ? random.between(1, max_bytes) : random.between(0, Math.min(4096, max_bytes));
}

/** @returns the length of the answer at the start of `bytes` and its status, or undefined while it is incomplete */
export function httpAnswer(bytes: Buffer): { length: number; status: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.subarray(0, headEnd).toString('latin1');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? NaN);
  const contentLength = Number(/^content-length:\s*(\d+)\s*$/im.exec(head)?.[1] ?? NaN);
  if (Number.isNaN(status) || Number.isNaN(contentLength))
    throw new Error(`not understood: ${head.slice(0, 80)}`);
  const length = headEnd + 4 + contentLength;
  return bytes.length >= length ? { length, status } : undefined;
}
