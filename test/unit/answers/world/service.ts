/** A service as it might be: its answers have ids, dates, times and orders of keys that are other ones each time. */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Random } from './random';

export const ROUTES = [
  'GET /users/{id}',
  'POST /orders',
  'GET /list',
  'GET /page',
  'GET /image',
  'GET /health',
  'DELETE /orders/{id}',
] as const;
export type RouteName = (typeof ROUTES)[number];

export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  took_ms: number;
  /** It never comes. */
  isMissing: boolean;
  /** The connection ends in the middle of it. */
  isCutOff: boolean;
  /** How it goes over the wire. */
  readonly coding: 'gzip' | 'br' | 'none';
  readonly isChunked: boolean;
}

/** Few, so that some are asked again. */
const IDS = 4;
const ITEMS = ['apple', 'pear', 'plum'];
const IMAGE = Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 31 + (at >> 3)) % 256));

export function requestTo(route: RouteName, random: Random): Asked {
  const [method, path] = route.split(' ') as [string, string];
  const id = 1000 + random.below(IDS);
  return {
    method,
    target: path.replace('{id}', `${id}`),
    body: method === 'POST' ? JSON.stringify({ item: random.pick(ITEMS) }) : '',
  };
}

export function requestBytes({ method, target, body }: Asked): Buffer {
  const length = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return Buffer.from(
    `${method} ${target} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: a browser\r\nAccept-Encoding: gzip, br\r\n${length}\r\n${body}`,
  );
}

export function answerTo(route: RouteName, asked: Asked, random: Random): Answer {
  const { type, body, took_ms } = contentOf(route, asked, random);
  return {
    status: route === 'POST /orders' ? 201 : route === 'DELETE /orders/{id}' ? 204 : 200,
    headers: {
      Date: dateOf(random),
      Server: 'shop',
      'X-Request-Id': random.hex(16),
      'X-Cache': random.pick(['HIT', 'MISS']),
      ...(type && { 'Content-Type': type }),
    },
    body,
    took_ms: took_ms * (0.5 + random.next() ** 4 * 4),
    isMissing: false,
    isCutOff: false,
    coding:
      body.length === 0 || route === 'GET /image' ? 'none' : random.pick(['gzip', 'br', 'none'] as const),
    isChunked: body.length > 0 && random.chance(0.5),
  };
}

const dateOf = (random: Random): string => new Date(1.7e12 + random.below(1e9)).toUTCString();

function contentOf(
  route: RouteName,
  { target, body }: Asked,
  random: Random,
): { type?: string; body: Buffer; took_ms: number } {
  const json = (value: Record<string, unknown>, took_ms: number) => ({
    type: 'application/json',
    body: Buffer.from(JSON.stringify(shuffled(value, random))),
    took_ms,
  });
  switch (route) {
    case 'GET /users/{id}':
      return json(
        {
          id: Number(target.split('/').at(-1)),
          balance: 12.5,
          address: shuffled({ street: '12 Main Street', city: 'Ghent' }, random),
          seen: dateOf(random),
          session: random.hex(32),
          tags: ['a', 'b'],
        },
        8,
      );
    case 'POST /orders':
      return json(
        {
          order: random.hex(12),
          state: 'new',
          item: (JSON.parse(body) as { item: string }).item,
          at: dateOf(random),
        },
        20,
      );
    case 'GET /list':
      return json(
        {
          total: 30,
          items: Array.from({ length: 30 }, (_, at) =>
            shuffled({ name: `item ${at}`, token: random.hex(10), price: at * 1.5 }, random),
          ),
        },
        12,
      );
    case 'GET /page': {
      const paragraphs = Array.from({ length: 12 }, (_, at) => `<p>Paragraph ${at} says what it says.</p>`);
      const lines = ['<!doctype html>', `<input name="csrf" value="${random.hex(24)}">`, ...paragraphs];
      return { type: 'text/html', body: Buffer.from(lines.join('\n')), took_ms: 5 };
    }
    case 'GET /image':
      return { type: 'image/png', body: IMAGE, took_ms: 2 };
    case 'GET /health':
      return { type: 'text/plain', body: Buffer.from('all is fine\n'), took_ms: 1 };
    case 'DELETE /orders/{id}':
      return { body: Buffer.alloc(0), took_ms: 6 };
  }
}

function shuffled(fields: Record<string, unknown>, random: Random): Record<string, unknown> {
  const order = Object.entries(fields).map((field) => ({ field, at: random.next() }));
  return Object.fromEntries(order.toSorted((a, b) => a.at - b.at).map(({ field }) => field));
}

const CODERS: Readonly<Record<Answer['coding'], (body: Buffer) => Buffer>> = {
  none: (body) => body,
  gzip: (body) => gzipSync(body, { level: 1 }),
  br: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
};

export function answerBytes({ status, headers, body, isCutOff, coding, isChunked }: Answer): Buffer {
  const coded = CODERS[coding](body);
  const framing =
    status === 204
      ? []
      : [
          ...(coding === 'none' ? [] : [`Content-Encoding: ${coding}`]),
          isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${coded.length}`,
        ];
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = Buffer.from([`HTTP/1.1 ${status} Some Reason`, ...fields, ...framing, '', ''].join('\r\n'));
  const sent = isChunked && status !== 204 ? chunked(coded) : coded;
  return Buffer.concat([head, isCutOff ? sent.subarray(0, sent.length / 2) : sent]);
}

const CHUNK_BYTES = 700;

function chunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    const part = body.subarray(at, at + CHUNK_BYTES);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
