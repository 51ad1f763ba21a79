/** Redis commands as the load speaks them (RESP2): arrays of bulk strings that carry their identity in the key. */
import type { Random } from './random';

const encoder = new TextEncoder();

export function redisCommand(identity: string, valueMax_bytes: number, random: Random): Uint8Array {
  const key = `lab:${identity}`;
  const choice = random.between(0, 3);
  if (choice === 0) return command(['GET', key]);
  if (choice === 1) return command(['INCR', key]);
  const length = random.chance(0.05) ? random.between(1, valueMax_bytes) : random.between(0, 2048);
  const value = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) value[index] = random.between(0, 255);
  return command(['SET', key, value]);
}

function command(words: readonly (string | Uint8Array)[]): Uint8Array {
  const parts = words.map((word) => (typeof word === 'string' ? encoder.encode(word) : word));
  const line = encoder.encode('\r\n');
  return Buffer.concat([
    encoder.encode(`*${parts.length}\r\n`),
    ...parts.flatMap((part) => [encoder.encode(`$${part.length}\r\n`), part, line]),
  ]);
}

/** @returns the length of the reply at the start of `bytes`, or undefined while it is incomplete */
export function redisReply(bytes: Buffer): { length: number; error: boolean } | undefined {
  const lineEnd = bytes.indexOf('\r\n');
  if (lineEnd < 0) return undefined;
  const type = String.fromCharCode(bytes[0]!);
  if (type !== '$') return { length: lineEnd + 2, error: type === '-' };
  const size = Number(bytes.subarray(1, lineEnd).toString('latin1'));
  const length = size < 0 ? lineEnd + 2 : lineEnd + 2 + size + 2;
  return bytes.length >= length ? { length, error: false } : undefined;
}
