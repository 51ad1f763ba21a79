/** What was delivered to a server, by the tap in front of it. */
import { parseAddress } from '../../../src/wire/address/address';
import type { LoadProfile } from '../../load/requests/schedule';
import { observe, type ObservedConnection } from './observed';
import type { SceneServer } from '../evidence/scene';
import type { TapEvidence } from '../evidence/tap';
import { damageOf } from '../frames/tap-counts';

/** A damaged capture shows nothing, and fails by itself. */
export function observedAt(
  taps: readonly TapEvidence[],
  { protocol, run }: LoadProfile,
  server: SceneServer,
): ObservedConnection[] {
  const tap = taps.find(({ node }) => node === server.name);
  if (!tap || damageOf(tap.capture) !== undefined) return [];
  return server.addresses.flatMap((address) =>
    observe(tap.capture, { address: parseAddress(address)!, port: server.port }, protocol, run),
  );
}
