/** Chooses the backend of injection. */
import { openBackend, type Backend } from '../kernel/backend';
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
  const raw = openRawSink(refused, wishes.device);
  return openBackend(
    backend,
    () => openLinkSink(raw, wishes, packetMax_bytes, refused),
    () => raw,
  );
}
