/** Chooses the backend of live capture. */
import { openBackend, type Backend } from '../kernel/backend';
import { openCapCapture } from './live';
import type { CaptureRequest } from './request';
import { openRingCapture } from './ring';
import type { CaptureSource, CaptureEvents } from './source';

export function openCapture(backend: Backend, request: CaptureRequest, events: CaptureEvents): CaptureSource {
  return openBackend(
    backend,
    () => openRingCapture(request, events),
    () => openCapCapture(request, events),
  );
}
