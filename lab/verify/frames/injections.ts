/** When copies were sent, by what the tap on the online server saw leave. */
import { parseAddress } from '../../../src/wire/address/address';
import { RST } from '../../../src/wire/tcp';
import { eachFrame } from './frames';
import { passlistOf } from '../evidence/passlist-of';
import type { Scene } from '../evidence/scene';

/** Seconds since the epoch, in the order of the capture. Resets, which end what must not go on, are none. */
export function injectionsIn(capture: Uint8Array, scene: Scene): number[] {
  const test = new Set(scene.test.addresses.map((address) => parseAddress(address)!));
  const passlist = passlistOf(scene);
  const times: number[] = [];
  eachFrame(capture, ({ segment, time }) => {
    if (segment === undefined) return;
    if (!test.has(segment.destination) || segment.destinationPort !== scene.test.port) return;
    if (passlist.passes(segment.source, segment.sourcePort) || (segment.flags & RST) !== 0) return;
    times.push(time);
  });
  return times;
}
