/** Connections to the test server that those on its passlist have themselves. */
import { parseAddress } from '../../../src/wire/address/address';
import { FIN, RST, SYN } from '../../../src/wire/tcp';
import { eachFrame } from '../frames/frames';
import type { Scene } from '../evidence/scene';
import { damageOf } from '../frames/tap-counts';

export interface PasslistUses {
  /** @param address host order */
  has(address: number, port: number): boolean;
}

/**
 * Of connections in which the other end speaks, and does not answer with a bare reset, as kernels do without a socket: behind
 * its own end (FIN, or a reset with an acknowledgment, which a close with unread bytes sends) no socket is there any more.
 *
 * @param captures all of them, as not every tap sees both directions
 */
export function usesIn(captures: readonly Uint8Array[], scene: Scene): PasslistUses {
  const test = new Set(scene.test.addresses.map((address) => parseAddress(address)!));
  const spoken = new Set<string>();
  const refused = new Set<string>();
  for (const capture of captures) {
    if (damageOf(capture) !== undefined) continue;
    const ended = new Set<string>();
    eachFrame(capture, ({ segment }) => {
      if (!segment || !test.has(segment.destination) || segment.destinationPort !== scene.test.port) return;
      const end = `${segment.source}:${segment.sourcePort}`;
      if (segment.flags !== RST) spoken.add(end);
      else if (!ended.has(end)) refused.add(end);
      if (segment.flags & SYN) ended.delete(end);
      else if (segment.flags & FIN || (segment.flags & RST && segment.flags !== RST)) ended.add(end);
    });
  }
  return {
    has(address, port) {
      const end = `${address}:${port}`;
      return spoken.has(end) && !refused.has(end);
    },
  };
}
