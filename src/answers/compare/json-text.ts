/** JSON without loss: numbers that a double cannot hold stay what they are (RFC 8259, section 6). */

/** Stands before a number that is kept as its text. */
export const NUMBER_MARK = '\u0000';
/** Digits that a double holds in any case (IEEE 754, binary64). */
const SAFE_DIGITS = 15;

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Undefined where the text is no JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(/\d{16}|\d\.\d{15}/.test(text) ? marked(text) : text);
    return { value };
  } catch {
    return undefined;
  }
}

const marked = (text: string): string =>
  text.replace(TOKEN, (token) =>
    token.startsWith('"') || token.replace(/[^\d]/g, '').length <= SAFE_DIGITS ? token : `"\\u0000${token}"`,
  );
