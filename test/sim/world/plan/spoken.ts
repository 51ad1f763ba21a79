/** What clients say: every connection reads on from its own place in one long noise, so that no byte passes for another. */
import { Random } from './random';

const NOISE_BYTES = 1 << 20;
const STRIDE = 50_021;
const noise = new Uint8Array(NOISE_BYTES);
const random = new Random(0x0015e);
for (let at = 0; at < NOISE_BYTES; at += 1) noise[at] = random.between(0, 255);

/** `length` bytes of what connection `id` says, from `from`. */
export function spokenBytes(id: number, from: number, length: number): Uint8Array {
  const start = (id * STRIDE + from) % (NOISE_BYTES / 2);
  return noise.subarray(start, start + length);
}
