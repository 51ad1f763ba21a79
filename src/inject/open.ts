/** Chooses the backend of injection. */
import { openBackend, type Backend } from '../kernel/backend';
import { openIpSink } from './ip';
import { openLinkSink } from './link';
import { openRawSink } from './raw';
import { InjectError, type InjectSink, type InjectWishes, type RefusalListener } from './sink';

/** @param packetMax_bytes longest packet @throws InjectError */
export function openSink(
  backend: Backend,
  wishes: InjectWishes,
  packetMax_bytes: number,
  refused: RefusalListener,
): InjectSink {
  return openBackend(
    backend,
    () => openLinkSink(openIpSink(refused, wishes.device), wishes, packetMax_bytes, refused),
    () => {
      if (wishes.linkOnly?.length)
        throw new InjectError(
          'copies under an address of this machine leave at the link layer only, which the packages cannot: koffi must have a binary for this machine',
        );
      return openRawSink(refused, wishes.device);
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
