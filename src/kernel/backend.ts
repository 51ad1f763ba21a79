/** The two backends of capture, injection and verdicts: npm packages, or the kernel itself called through koffi. */
import { openKernel } from './kernel';
import { PackageUnavailableError } from './optional-package';
import { nodeTurns, type Turns } from './turns';

/** `ring` is the kernel itself, in batches; `auto` takes it where koffi has a binary for this machine. */
export type Backend = 'packages' | 'ring' | 'auto';

export const asBackend = (text: string): Backend | undefined =>
  text === 'packages' || text === 'ring' || text === 'auto' ? text : undefined;

/** @throws what the chosen backend throws */
export function openBackend<T>(backend: Backend, ring: () => T, packages: () => T): T {
  if (backend === 'packages') return packages();
  try {
    return ring();
  } catch (error) {
    if (backend === 'auto' && error instanceof PackageUnavailableError) return packages();
    throw error;
  }
}

export const openTurns = (backend: Backend): Turns =>
  openBackend(
    backend,
    () => openKernel().turns,
    () => nodeTurns,
  );
