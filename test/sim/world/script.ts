/** What one client connection says and hears: the plot that the client, the online and the test server play. */
import type { Random } from './random';

export interface ExchangeScript {
  readonly request_bytes: number;
  /** The client writes the request in pieces of these sizes. */
  readonly writes: readonly number[];
  readonly response_bytes: number;
  /** How long the servers think. */
  readonly onlineThinks_ms: number;
  readonly testThinks_ms: number;
  /** How long the client waits after the answer before it speaks again; undefined when it pipelines. */
  readonly pause_ms: number | undefined;
  /** Bytes by which the test server's answer is longer (or shorter). */
  readonly testDiffers_bytes: number;
}

export interface ConnectionScript {
  readonly id: number;
  readonly clientPort: number;
  readonly startsAt_ms: number;
  readonly initialSequence: number;
  readonly exchanges: readonly ExchangeScript[];
  readonly closes: 'client' | 'server' | 'client-resets';
}

/** The byte that connection `id` says at `index` of its stream. */
export const spokenByte = (id: number, index: number): number => (id * 31 + index * 7 + (index >>> 8)) & 0xff;

export function spokenBytes(id: number, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = spokenByte(id, from + index);
  return bytes;
}

export const requestBytesTotal = (script: ConnectionScript): number =>
  script.exchanges.reduce((sum, exchange) => sum + exchange.request_bytes, 0);

export function makeScript(
  random: Random,
  id: number,
  clientPort: number,
  startsAt_ms: number,
): ConnectionScript {
  const closes = random.pick(['client', 'server', 'client-resets'] as const);
  // A reset behind answers of another size cannot be told from one that cuts the last answer off.
  const differs = closes !== 'client-resets';
  const exchanges = Array.from({ length: random.between(0, 6) }, (): ExchangeScript => {
    const request_bytes = random.chance(0.2) ? random.between(2000, 60_000) : random.between(1, 1200);
    return {
      request_bytes,
      writes: cut(random, request_bytes),
      response_bytes: random.chance(0.2) ? random.between(3000, 80_000) : random.between(1, 1400),
      onlineThinks_ms: random.chance(0.1) ? random.between(5, 80) : random.next(),
      testThinks_ms: random.chance(0.1) ? random.between(5, 200) : random.next(),
      pause_ms: random.chance(0.2) ? undefined : random.chance(0.2) ? random.between(1, 300) : random.next(),
      testDiffers_bytes: differs && random.chance(0.2) ? random.between(-50, 50) : 0,
    };
  });
  return {
    id,
    clientPort,
    startsAt_ms,
    initialSequence: random.chance(0.3)
      ? (0 - random.between(0, 40_000)) >>> 0
      : random.between(0, 0xffffffff),
    exchanges,
    closes,
  };
}

function cut(random: Random, total: number): number[] {
  const pieces: number[] = [];
  for (let left = total; left > 0;) {
    // Capture sees super-packets larger than the path's segments.
    const piece = Math.min(left, random.chance(0.3) ? random.between(1, 200) : random.between(1000, 40_000));
    pieces.push(piece);
    left -= piece;
  }
  return pieces;
}
