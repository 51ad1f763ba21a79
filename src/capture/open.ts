/** Chooses the backend of live capture. */
import { PackageUnavailableError } from '../kernel/optional-package';
import { openCapCapture } from './live';
import type { CaptureRequest } from './request';
import { openRingCapture } from './ring';
import type { CaptureSource, CaptureEvents } from './source';

/** `packages` uses cap, `ring` the kernel's own queue; `auto` the latter where it works. */
export type CaptureBackend = 'packages' | 'ring' | 'auto';

export function openCapture(
  backend: CaptureBackend,
  request: CaptureRequest,
  events: CaptureEvents,
): CaptureSource {
  if (backend === 'packages') return openCapCapture(request, events.segment);
  try {
    return openRingCapture(request, events);
  } catch (error) {
    if (backend === 'auto' && error instanceof PackageUnavailableError)
      return openCapCapture(request, events.segment);
    throw error;
  }
}
