/** Words as one line of shell that says just these words; `$n` must be a line break there. */
export const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`).replaceAll('\n', `'"$n"'`)}'`).join(' ');
