/** What both ends of a connection say, read in any pieces. */
import type { Exchange, Kept, ReadExchange } from '../../../../src/answers/reading/exchange';
import { readerFor, spokenIn } from '../../../../src/answers/reading/protocol';
import { randomBy } from '../world/random';

export const KEPT: Kept = { response_bytes: 1_000_000, request_bytes: 100_000 };

/** Who says it, and what; one second apart. */
export type Said = readonly ['client' | 'server', string | Buffer];

export interface Read {
  readonly exchanges: readonly ReadExchange[];
  readonly gaveUp: string | undefined;
}

/** @param seed cuts each of it into pieces; undefined leaves it whole */
export function readConversation(
  said: readonly Said[],
  {
    seed,
    isClosed = true,
    mightCome = false,
  }: { seed?: number; isClosed?: boolean; mightCome?: boolean } = {},
): Read {
  const exchanges: ReadExchange[] = [];
  const first = said.find(([who]) => who === 'client');
  const spoken = spokenIn(Buffer.from(first?.[1] ?? '')) ?? 'other';
  const reader = readerFor(spoken, KEPT, (exchange) => exchanges.push(exchange))!;
  for (const [at, [who, what]] of said.entries())
    for (const piece of seed === undefined ? [bytesOf(what)] : piecesOf(bytesOf(what), seed + at)) {
      if (who === 'client') reader.request(piece, at);
      else reader.response(piece, at);
      // It is lent for the call only.
      piece.fill(0x7e);
    }
  reader.end(isClosed, () => mightCome);
  return { exchanges, gaveUp: reader.gaveUp };
}

const bytesOf = (what: string | Buffer): Buffer => Buffer.from(what as string, 'latin1');

function piecesOf(bytes: Buffer, seed: number): Buffer[] {
  const random = randomBy(seed);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(random.pick([1, 3, 20, 400]));
    pieces.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return pieces;
}

/** The request in a line. */
export function askedIn({ request }: Pick<Exchange, 'request'>): string {
  if (request.protocol === 'http')
    return [request.method, request.target, request.body.kept.toString()].join(' ').trim();
  return request.protocol === 'redis' ? request.words.join(' ') : request.body.kept.toString('latin1');
}

/** The answer in a line. */
export function answeredIn({ outcome, response }: Pick<Exchange, 'outcome' | 'response'>): string {
  if (!response) return outcome;
  if (response.protocol === 'redis') return `${outcome} ${JSON.stringify(response.value.node.kind)}`;
  const status = response.protocol === 'http' ? `${response.status} ` : '';
  return `${outcome} ${status}${response.body.kept.toString('latin1')}`.trim();
}

export const linesOf = ({ exchanges }: Read): string[] =>
  exchanges.map((one) => `${askedIn(one)} -> ${answeredIn(one)}`);
