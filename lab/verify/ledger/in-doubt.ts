/** Which requests tcpcopy meant when it told words of a client to be in doubt. */
import { seqAdd, seqDiff } from '../../../src/wire/sequence';
import type { DoubtfulWords } from '../evidence/doubt';
import { isCopied, type ObservedConnection } from './observed';

/**
 * Identities of all requests that lie in such words, be it in part.
 *
 * @param online as clients said them to the online server
 */
export function identitiesInDoubt(
  online: readonly ObservedConnection[],
  words: readonly DoubtfulWords[],
): Set<string> {
  return new Set(
    words.flatMap((said) =>
      online
        .filter(({ client }) => client === said.client)
        .flatMap((connection) => identitiesWithin(connection, said)),
    ),
  );
}

function identitiesWithin({ initialSequence, requests }: ObservedConnection, words: DoubtfulWords): string[] {
  return requests
    .filter(isCopied)
    .filter(({ offset, length }) => isWithin(words, initialSequence, offset, length))
    .map(({ identity }) => identity);
}

/**
 * Whether a request lies in the words, be it in part. An end may have had several connections: their sequence numbers tell
 * them apart.
 *
 * @param initialSequence of the client's stream @param offset in it, bytes @param length bytes
 */
export function isWithin(
  { sequence, bytes }: DoubtfulWords,
  initialSequence: number,
  offset: number,
  length: number,
): boolean {
  const from = seqDiff(sequence, seqAdd(initialSequence, 1));
  return offset < from + bytes && offset + length > from;
}
