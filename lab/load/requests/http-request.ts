/** One HTTP/1.1 request (RFC 9112), written down to its last byte. */
import { bodySize } from './body-size';
import type { Random } from './random';
import { BODY_BYTES_MAX, type RequestPlace } from './request-place';

const POST_SHARE = 0.3;
/** Of the requests without a body, how many ask for a larger response. */
const LARGE_RESPONSE_SHARE = 0.1;
/** Files that the lab's nginx serves. */
const RESPONSE_SIZES = ['1k', '10k', '100k'] as const;

const text = new TextEncoder();

export function httpRequest(place: RequestPlace, random: Random): Uint8Array {
  const posts = random.fraction() < POST_SHARE || place.bodyBytes !== undefined;
  const large = random.fraction() < LARGE_RESPONSE_SHARE;
  const size = random.pick(RESPONSE_SIZES);
  const target = !posts && large ? `/bytes/${size}?${place.identity}` : `/${place.identity}`;
  const lines = [
    `${posts ? 'POST' : 'GET'} ${target} HTTP/1.1`,
    'Host: online',
    'User-Agent: lab-load',
    `X-Padding: ${'x'.repeat(random.between(1, 200))}`,
    ...(place.closes ? ['Connection: close'] : []),
  ];
  if (!posts) return text.encode(`${lines.join('\r\n')}\r\n\r\n`);

  const body = random.bytes(place.bodyBytes ?? bodySize(random, BODY_BYTES_MAX));
  lines.push('Content-Type: application/octet-stream', `Content-Length: ${body.length}`);
  const head = text.encode(`${lines.join('\r\n')}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
