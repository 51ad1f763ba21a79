/** What the kernel itself dropped of a queue's packets. */
import { readFileSync } from 'node:fs';

/** /proc/net/netfilter/nfnetlink_queue: the sixth and seventh number of a queue's line are what it dropped. */
export function kernelDropped(number: number): number {
  try {
    const lines = readFileSync('/proc/net/netfilter/nfnetlink_queue', 'utf8').split('\n');
    const fields = lines.map((line) => line.trim().split(/ +/).map(Number));
    const [, , , , , full = 0, refused = 0] = fields.find(([queue]) => queue === number) ?? [];
    return full + refused;
  } catch {
    return 0;
  }
}
