/** Exchanges as they were read, and what differs between two. */
import { compareExchanges } from '../../../../src/answers/compare/compare';
import { ALWAYS_IGNORED, ALWAYS_REDACTED, Rules } from '../../../../src/answers/compare/rules';
import { bodyOf } from '../../../../src/answers/reading/body';
import type { Exchange, Header, HttpResponse, Request } from '../../../../src/answers/reading/exchange';
import { RespMachine, type RedisValue } from '../../../../src/answers/reading/resp';

export const BODY_BYTES = 1_000_000;

export const request = (target = '/', headers: readonly Header[] = []): Request => ({
  protocol: 'http',
  method: 'GET',
  target,
  headers,
  body: bodyOf(Buffer.alloc(0)),
});

export const exchange = (more: Partial<Exchange>): Exchange => ({
  client: '198.18.10.10:40000',
  request: request(),
  digest: 'of the request',
  sequence: 1,
  outcome: 'whole',
  response: undefined,
  requested_s: 1,
  first_s: 1.1,
  last_s: 1.2,
  waited_s: 0,
  ...more,
});

export const http = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
  kept_bytes = BODY_BYTES,
): HttpResponse => ({
  protocol: 'http',
  status,
  headers: Object.entries(headers),
  body: bodyOf(Buffer.from(body as string), kept_bytes),
});

export const json = (value: unknown): HttpResponse =>
  http(
    200,
    { 'content-type': 'application/json' },
    typeof value === 'string' ? value : JSON.stringify(value),
  );

export function redis(text: string): Exchange['response'] {
  const values: RedisValue[] = [];
  new RespMachine(BODY_BYTES, (one) => values.push(one)).read(Buffer.from(text));
  return { protocol: 'redis', value: values[0]! };
}

export const bytes = (text: string | Buffer, kept_bytes = BODY_BYTES): Exchange['response'] => ({
  protocol: 'bytes',
  body: bodyOf(Buffer.from(text as string), kept_bytes),
});

export interface Rulings {
  readonly ignore?: readonly string[];
  readonly redact?: readonly string[];
}

export const rulesOf = ({ ignore = [], redact = [] }: Rulings = {}) => ({
  ignore: new Rules([...ALWAYS_IGNORED, ...ignore]),
  redact: new Rules([...ALWAYS_REDACTED, ...redact]),
});

type Answer = Exchange['response'] | Partial<Exchange>;
const asExchange = (answer: Answer): Exchange =>
  exchange(answer && !('protocol' in answer) ? answer : { response: answer });

export function compared(online: Answer, test: Answer, rulings: Rulings = {}) {
  const { differences, verdict } = compareExchanges(asExchange(online), asExchange(test), {
    rules: rulesOf(rulings),
    body_bytes: BODY_BYTES,
  });
  const lines = differences.found.map(
    ({ place, kind, online: ours, test: theirs }) => `${place} ${kind}: ${ours ?? '-'} | ${theirs ?? '-'}`,
  );
  return { lines, verdict, ignored: Object.fromEntries(differences.ignored), words: differences.onlyOnline };
}
