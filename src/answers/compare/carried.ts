/**
 * Requests that carry what only the online server's answer contained: a session's cookie, a CSRF token, an id. On the test server they
 * mean nothing, so what differs in their answers says little of it. Kept by the client's address, bounded.
 */
import type { Exchange } from '../reading/exchange';
import { wordsIn } from './words';

const CLIENTS_MAX = 10_000;
const WORDS_MAX = 1024;

export class Carried {
  /** By client; the one that was met last stands last. */
  readonly #clients = new Map<string, Map<string, string>>();

  /** @param words that only the online server's answer had, and where they stood */
  learn(exchange: Exchange, words: ReadonlyMap<string, string>): void {
    if (words.size === 0) return;
    const client = addressOf(exchange);
    const known = this.#clients.get(client) ?? new Map<string, string>();
    this.#clients.delete(client);
    this.#clients.set(client, known);
    for (const [word, place] of words) {
      known.delete(word);
      known.set(word, place);
    }
    while (known.size > WORDS_MAX) known.delete(known.keys().next().value!);
    if (this.#clients.size > CLIENTS_MAX) this.#clients.delete(this.#clients.keys().next().value!);
  }

  /** @returns where in an earlier answer that stood which this request carries; undefined where it carries nothing of the kind */
  placeIn(exchange: Exchange): string | undefined {
    const known = this.#clients.get(addressOf(exchange));
    if (!known) return undefined;
    for (const text of textsOf(exchange))
      for (const word of wordsIn(text)) {
        const place = known.get(word);
        if (place !== undefined) return place;
      }
    return undefined;
  }
}

const addressOf = ({ client }: Exchange): string => client.slice(0, client.lastIndexOf(':'));

/** Headers that are the client's own, and the same for all servers, are no places for tokens. */
const OWN_HEADERS = new Set([
  'host',
  'user-agent',
  'accept',
  'accept-encoding',
  'accept-language',
  'content-length',
]);

function textsOf({ request }: Exchange): string[] {
  if (request.protocol === 'redis') return [...request.words];
  const body = request.body.kept.toString('latin1');
  if (request.protocol === 'bytes') return [body];
  const headers = request.headers.filter(([name]) => !OWN_HEADERS.has(name)).map(([, value]) => value);
  return [request.target, ...headers, body];
}
