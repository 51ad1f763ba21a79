/** Integers as the bytes that system calls take. */
import { writeU32 } from '../wire/big-endian';

/** Four bytes in host order, which is little-endian here: options of sockets, interface indexes. */
export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

/** Four bytes in network order: addresses, and the attributes of nfnetlink. */
export function networkU32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytes;
}
