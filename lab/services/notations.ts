/** Small notations of Compose files: files of variables, command lines, durations, sizes. */

/** The lines `NAME=value` of a .env file; comments and quotes are taken off. */
export function variablesIn(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, raw] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || raw === undefined) continue;
    const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(raw);
    found[name] = quoted ? quoted[2]! : raw.replace(/(?:^|\s+)#.*$/, '');
  }
  return found;
}

/** A command in one string, split as a shell splits it; nothing is expanded. Undefined when a quote is not closed. */
export function wordsIn(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at]!;
    if (character === '\\' && quote !== "'") word = (word ?? '') + (line[++at] ?? '');
    else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return quote === '' ? words : undefined;
}

const DURATION_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `1m30s`; undefined when it is no duration. */
export function duration_ms(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * DURATION_MS[unit!]!,
    0,
  );
}

const SIZE_BYTES: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Bytes of `512m`, `1gb` or a number; undefined when it is no size. */
export function size_bytes(text: string): number | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([bkmg])?b?$/i.exec(text) ?? [];
  return count === undefined
    ? undefined
    : Math.round(Number(count) * SIZE_BYTES[(unit ?? 'b').toLowerCase()]!);
}
