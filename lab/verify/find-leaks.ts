/** The leaks of all taps together. One leaked frame passes several taps; it counts once. */
import { counted, type Finding } from './finding';
import { auditLeaks, type LeakAudit, type LeakedFrame } from './leaks';
import type { Scene } from './scene';
import { damageOf } from './tap-counts';
import type { TapEvidence } from './tap';

export interface TappedFrame extends LeakedFrame {
  readonly tap: string;
}

export interface Leaks {
  /** Leaked frames, by the tap that saw most of them. */
  readonly frames: number;
  readonly byTap: Readonly<Record<string, number>>;
  /** The first of them in time, decoded, each once. */
  readonly first: readonly TappedFrame[];
  /** ARP requests of the test server for others than the online server: they carry no data, and decide nothing. */
  readonly arpRequests: number;
}

const FIRST_FRAMES = 5;

export function leaksOf(taps: readonly TapEvidence[], scene: Scene, directPorts: readonly number[]): Leaks {
  const audits = auditsOf(taps, scene, directPorts);
  const frames = leakedIn(audits);
  return {
    frames: frames.length,
    byTap: Object.fromEntries(audits.map(({ tap, leaked }) => [tap, leaked.length])),
    first: frames.slice(0, FIRST_FRAMES),
    arpRequests: Math.max(0, ...audits.map(({ arpRequests }) => arpRequests.length)),
  };
}

/** Every leaked frame once, in the order of time. */
export function leakedFrames(
  taps: readonly TapEvidence[],
  scene: Scene,
  directPorts: readonly number[],
): TappedFrame[] {
  return leakedIn(auditsOf(taps, scene, directPorts));
}

type TapAudit = LeakAudit & { readonly tap: string };

function auditsOf(taps: readonly TapEvidence[], scene: Scene, directPorts: readonly number[]): TapAudit[] {
  return taps
    .filter(({ capture }) => damageOf(capture) === undefined)
    .map((tap) => ({ tap: tap.name, ...auditLeaks(tap.capture, scene, directPorts) }));
}

/** One tap, that of the bridge at least, sees all that gets out. Of several such taps the first is a client's. */
function leakedIn(audits: readonly TapAudit[]): TappedFrame[] {
  const [fullest] = audits.toSorted((a, b) => b.leaked.length - a.leaked.length);
  const frames = (fullest?.leaked ?? []).map((frame) => ({ ...frame, tap: fullest!.tap }));
  return frames.sort((a, b) => a.time - b.time);
}

export function findInLeaks(leaks: Leaks, scene: Scene): Finding[] {
  if (leaks.frames === 0) return [];
  const seen = Object.entries(leaks.byTap)
    .filter(([, frames]) => frames > 0)
    .map(([tap, frames]) => `${tap} ${frames}`)
    .join(', ');
  const first = leaks.first[0]!;
  return [
    {
      code: 'leak',
      message:
        `${counted(leaks.frames, 'frame')} of ${scene.test.name}:${scene.test.port} got past the guard ` +
        `(seen at: ${seen}). The first: ${first.text}`,
    },
  ];
}
