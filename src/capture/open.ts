/** Chooses the backend of live capture. */
import { PackageUnavailableError } from '../kernel/optional-package';
import type { CapturedEndpoint } from './filter';
import { openCapCapture } from './live';
import { openRingCapture } from './ring';
import type { CaptureSource, SegmentListener } from './source';

/** `packages` uses cap, `ring` the kernel's own queue; `auto` the latter where it works. */
export type CaptureBackend = 'packages' | 'ring' | 'auto';

export function openCapture(
  backend: CaptureBackend,
  endpoints: readonly CapturedEndpoint[],
  listener: SegmentListener,
): CaptureSource {
  if (backend === 'packages') return openCapCapture(endpoints, listener);
  try {
    return openRingCapture(endpoints, listener);
  } catch (error) {
    if (backend === 'auto' && error instanceof PackageUnavailableError)
      return openCapCapture(endpoints, listener);
    throw error;
  }
}
