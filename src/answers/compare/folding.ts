/** Words that are other ones each time, folded into one: numbers, UUIDs and other ids, in paths of requests and keys of JSON. */

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const HEX = /^(?=[a-f]*\d)[\da-f]{8,}$/i;
/** Letters and digits at random: of a word that people chose few are digits. */
const RANDOM = /^(?=(?:\D*\d){3})[\w-]{16,}$/;

export const ID = '{id}';

/** An id by its form alone. */
export const looksLikeId = (word: string): boolean =>
  /^\d+$/.test(word) || UUID.test(word) || HEX.test(word) || RANDOM.test(word);
