/** Capture files made by hand, byte by byte, in either byte order. */

export interface Order {
  readonly littleEndian: boolean;
}

/** Numbers of 16 bits are written as `u16(n)`, plain ones with 32 bits; bytes stand as they are. */
export type Field = number | { readonly u16: number } | Uint8Array;

export const u16 = (value: number): Field => ({ u16: value });

export function written(fields: readonly Field[], { littleEndian }: Order): Uint8Array {
  const size = (field: Field): number =>
    typeof field === 'number' ? 4 : field instanceof Uint8Array ? field.length : 2;
  const bytes = new Uint8Array(fields.reduce<number>((sum, field) => sum + size(field), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of fields) {
    if (typeof field === 'number') view.setUint32(at, field, littleEndian);
    else if (field instanceof Uint8Array) bytes.set(field, at);
    else view.setUint16(at, field.u16, littleEndian);
    at += size(field);
  }
  return bytes;
}

export const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

const padded = (bytes: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
};

export function block(type: number, body: readonly Field[], order: Order): Uint8Array {
  const content = padded(written(body, order));
  const length = content.length + 12;
  return written([type, length, content, length], order);
}

export const section = (order: Order): Uint8Array =>
  block(0x0a0d0d0a, [0x1a2b3c4d, u16(1), u16(0), 0xffff_ffff, 0xffff_ffff], order);

/** @param options pairs of code and value */
export function describedInterface(
  linkType: number,
  order: Order,
  options: readonly (readonly [number, Uint8Array])[] = [],
  snapLength = 0,
): Uint8Array {
  const fields = options.flatMap(([code, value]) => [u16(code), u16(value.length), padded(value)]);
  return block(1, [u16(linkType), u16(0), snapLength, ...fields, ...(fields.length > 0 ? [0] : [])], order);
}

export function enhancedPacket(
  data: Uint8Array,
  units: number,
  order: Order,
  { from = 0, originalLength = data.length } = {},
): Uint8Array {
  const time = [Math.floor(units / 2 ** 32), units % 2 ** 32];
  return block(6, [from, ...time, data.length, originalLength, data], order);
}

export const pcapHeader = (linkType: number, order: Order, magic = 0xa1b2c3d4): Uint8Array =>
  written([magic, u16(2), u16(4), 0, 0, 0x40000, linkType], order);

export const pcapRecord = (data: Uint8Array, second: number, fraction: number, order: Order): Uint8Array =>
  written([second, fraction, data.length, data.length, data], order);
