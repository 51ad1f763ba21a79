/** Chooses the backend of injection. */
import { openBackend, type Backend } from '../kernel/backend';
import { openIpSink } from './ip';
import { openLinkSink } from './link';
import { openRawSink } from './raw';
import type { InjectSink, InjectWishes, RefusalListener } from './sink';

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
    () => openRawSink(refused, wishes.device),
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
