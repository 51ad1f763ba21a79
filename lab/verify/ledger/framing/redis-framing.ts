/** The length of a Redis command: an array of bulk strings, or one line (RESP, "inline commands"). */

const WORDS_MAX = 1_048_576;
const LINE_BYTES_MAX = 64 * 1024;

const ARRAY = 0x2a; // '*'
const BULK = 0x24; // '$'

export function redisCommandLength(bytes: Buffer, at: number): number | undefined {
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd < 0) return bytes.length - at > LINE_BYTES_MAX ? -1 : undefined;
  if (bytes[at] !== ARRAY) {
    const inline = bytes.toString('latin1', at, lineEnd);
    return /^[A-Za-z][\x20-\x7e]*$/.test(inline) ? lineEnd + 2 - at : -1;
  }
  const words = count(bytes, at, lineEnd);
  if (words === undefined || words > WORDS_MAX) return -1;
  let next = lineEnd + 2;
  for (let word = 0; word < words; word += 1) {
    const sizeEnd = bytes.indexOf('\r\n', next);
    if (sizeEnd < 0) return undefined;
    const size = bytes[next] === BULK ? count(bytes, next, sizeEnd) : undefined;
    if (size === undefined) return -1;
    next = sizeEnd + 2 + size + 2;
    if (next > bytes.length) return undefined;
  }
  return next - at;
}

/** The first word of a whole command, in lower case. */
export function redisCommandName(command: Buffer): string {
  const text = command.toString('latin1', 0, 64);
  const word = text.startsWith('*') ? text.split('\r\n')[2] : text.split(/[ \r]/)[0];
  return (word ?? '').toLowerCase();
}

/** The decimal number between the first byte of a line and its end. */
function count(bytes: Buffer, at: number, lineEnd: number): number | undefined {
  const text = bytes.toString('latin1', at + 1, lineEnd);
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
