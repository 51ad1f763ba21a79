/** Chooses the backend of injection. */
import { openBackend, type Backend } from '../kernel/backend';
import { openIpSink } from './ip';
import { openLinkSink } from './link';
import { openRawSink } from './raw';
import {
  GUARD_LAPSED,
  InjectError,
  type InjectSink,
  type InjectWishes,
  type Leave,
  type RefusalListener,
} from './sink';

/** @param packetMax_bytes longest packet @throws InjectError */
export function openSink(
  backend: Backend,
  wishes: InjectWishes,
  packetMax_bytes: number,
  refused: RefusalListener,
  leave: Leave,
): InjectSink {
  const ifItMay = (sink: InjectSink): InjectSink => ({
    ...sink,
    send(packet, length, destination) {
      if (leave.isGuarded() || !leave.needsGuard(packet, 0)) sink.send(packet, length, destination);
      else refused(GUARD_LAPSED);
    },
  });
  return openBackend(
    backend,
    () => openLinkSink(ifItMay(openIpSink(refused, wishes.device)), wishes, packetMax_bytes, refused, leave),
    () => {
      if (wishes.linkOnly?.length)
        throw new InjectError(
          'copies under an address of this machine leave at the link layer only, which the packages cannot: koffi must have a binary for this machine',
        );
      return ifItMay(openRawSink(refused, wishes.device));
    },
  );
}

/** Whole packets by raw IP, each at once. @param device that they leave by @throws InjectError */
export function openIpLayerSink(backend: Backend, refused: RefusalListener, device?: string): InjectSink {
  return openBackend(
    backend,
    () => openIpSink(refused, device),
    () => openRawSink(refused, device),
  );
}
