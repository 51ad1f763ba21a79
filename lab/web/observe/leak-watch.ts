/** Sees every frame that gets past the guard, by the audit that verify has. It records nothing while nothing leaks. */
import type { Scene } from '../../verify/evidence/scene';
import { auditLeaks } from '../../verify/leaks/audit';
import { keptFrames, wholeFrame } from '../frames/kept';
import type { ShownLeak } from '../messages/frame';
import { LiveTap } from '../../capture/live-tap';
import type { Place } from './places';

const FRAMES_MAX = 10_000;
/** At once; who sees so many has seen enough. */
const LEAKS_MAX = 20;

export async function watchLeaks(
  { node, device, filter, read }: Place,
  scene: Scene,
  nextId: () => number,
  hear: (leaks: readonly ShownLeak[]) => void,
): Promise<LiveTap> {
  const wanted = { node, device, frames_max: FRAMES_MAX, ...(filter !== undefined && { filter }) };
  return LiveTap.start(wanted, (bytes) => {
    const leaks = leaksIn(read(bytes), scene, node.name, nextId);
    if (leaks.length > 0) hear(leaks);
  });
}

/** @param tap the node on whose device they were seen */
export function leaksIn(capture: Uint8Array, scene: Scene, tap: string, nextId: () => number): ShownLeak[] {
  const { leaked } = auditLeaks(capture, scene, []);
  const frames = keptFrames(capture, scene, nextId);
  return leaked.slice(0, LEAKS_MAX).map(({ time, name, to, text }) => {
    const at_ms = time * 1000;
    const frame = frames.find(
      ({ shown }) =>
        shown.at_ms === at_ms && (shown.to.startsWith(`${to}:`) || shown.to.startsWith(`[${to}]:`)),
    );
    return {
      at_ms,
      copy: scene.online.name,
      tap,
      name,
      to,
      text,
      ...(frame && { frame: wholeFrame(frame) }),
    };
  });
}
