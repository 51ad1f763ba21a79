/** Bytes in rows, in hexadecimal and as text. */
const ROW_BYTES = 16;

export interface HexRow {
  /** Of the first byte. */
  readonly offset: number;
  readonly bytes: readonly string[];
  /** A character for each byte: a dot stands for what is not printable. */
  readonly text: readonly string[];
}

/** @param hex two digits a byte, without spaces */
export function hexRows(hex: string): HexRow[] {
  const bytes = hex.match(/../g) ?? [];
  return Array.from({ length: Math.ceil(bytes.length / ROW_BYTES) }, (_, index) => {
    const offset = index * ROW_BYTES;
    const row = bytes.slice(offset, offset + ROW_BYTES);
    return { offset, bytes: row, text: row.map(printable) };
  });
}

function printable(byte: string): string {
  const code = parseInt(byte, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
}
