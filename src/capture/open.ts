/** Chooses the backend of live capture. */
import { PackageUnavailableError } from '../kernel/optional-package';
import type { CaptureScope } from './devices';
import { openCapCapture } from './live';
import { openRingCapture } from './ring';
import type { CaptureSource, CaptureEvents } from './source';

/** `packages` uses cap, `ring` the kernel's own queue; `auto` the latter where it works. */
export type CaptureBackend = 'packages' | 'ring' | 'auto';

export function openCapture(
  backend: CaptureBackend,
  scope: CaptureScope,
  events: CaptureEvents,
): CaptureSource {
  if (backend === 'packages') return openCapCapture(scope, events.segment);
  try {
    return openRingCapture(scope, events);
  } catch (error) {
    if (backend === 'auto' && error instanceof PackageUnavailableError)
      return openCapCapture(scope, events.segment);
    throw error;
  }
}
