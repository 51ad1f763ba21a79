/** The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B). It is canonical, so that how long each code is says all of it. */

/** Bits of each byte's code, from 0 on, and of the end's. */
const LENGTHS: readonly number[] = [
  ...[13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  ...[28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  ...[6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  ...[5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  ...[13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  ...[7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  ...[15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  ...[6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  ...[20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  ...[24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  ...[22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  ...[21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  ...[26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  ...[19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  ...[20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  ...[26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  30,
];
const END = 256;
/** Padding is the beginning of the end's code, which is all ones. */
const PADDING_BITS_MAX = 7;

/** A tree as a list: two places for each node, which hold another node, or below zero the byte that ends there. */
const TREE = treeOf(LENGTHS);

function treeOf(lengths: readonly number[]): Int32Array {
  const tree: number[] = [0, 0];
  const inOrder = lengths.map((bits, symbol) => ({ bits, symbol })).toSorted((a, b) => a.bits - b.bits);
  let [code, before] = [0, inOrder[0]!.bits];
  for (const { bits, symbol } of inOrder) {
    code *= 2 ** (bits - before);
    before = bits;
    let node = 0;
    for (let bit = bits - 1; bit >= 0; bit -= 1) {
      const at = node + (Math.floor(code / 2 ** bit) % 2);
      if (bit === 0) tree[at] = -1 - symbol;
      else {
        if (tree[at] === 0) {
          tree[at] = tree.length;
          tree.push(0, 0);
        }
        node = tree[at]!;
      }
    }
    code += 1;
  }
  return Int32Array.from(tree);
}

/** Undefined where it is none. */
export function unpacked(bytes: Buffer): string | undefined {
  let text = '';
  let node = 0;
  let [bits, areOnes] = [0, true];
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit -= 1) {
      const is = (byte >> bit) & 1;
      const next = TREE[node + is]!;
      bits += 1;
      areOnes &&= is === 1;
      if (next >= 0) {
        node = next;
        continue;
      }
      const symbol = -1 - next;
      if (symbol === END) return undefined;
      text += String.fromCharCode(symbol);
      [node, bits, areOnes] = [0, 0, true];
    }
  return bits <= PADDING_BITS_MAX && areOnes ? text : undefined;
}
