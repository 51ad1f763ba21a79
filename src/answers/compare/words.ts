/** Words that a client may carry from an answer into its next request: tokens and ids, nothing that could stand there by chance. */

const WORDS_MAX = 512;
const LONG = 16;
const SHORT = 4;

/** With a digit at least four characters, without one sixteen. */
export function wordsIn(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/[\w-]{4,}/g)) {
    if (word.length >= LONG || (word.length >= SHORT && /\d/.test(word))) words.push(word);
    if (words.length === WORDS_MAX) break;
  }
  return words;
}
