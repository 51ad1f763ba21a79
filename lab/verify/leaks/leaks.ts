/** The leaks of all taps together. One leaked frame passes several taps; it counts once. */
import type { Family } from '../../../src/wire/address/address';
import { auditLeaks, type Exposure, type LeakAudit, type LeakedFrame } from './audit';
import type { LeakName } from './leak-names';
import { usesIn } from './passlist-uses';
import type { Scene } from '../evidence/scene';
import { damageOf } from '../frames/tap-counts';
import type { TapEvidence, TapPlace } from '../evidence/tap';

export interface TappedFrame extends LeakedFrame {
  readonly tap: string;
}

export interface Leaks {
  /** Leaked frames, by the tap that saw most of them. */
  readonly frames: number;
  readonly byTap: Readonly<Record<string, number>>;
  /** Of either family how many. */
  readonly byFamily: Readonly<Record<Family, number>>;
  /** The first of them in time, decoded, each once. */
  readonly first: readonly TappedFrame[];
  /** What the leaked frames are, each name once. */
  readonly names: readonly LeakName[];
  /** ARP requests of the test server for others than the online server: they carry no data, and decide nothing. */
  readonly arpRequests: number;
  /** All that shows the copy without carrying anything of it, by the tap that saw most of it; decides nothing. */
  readonly exposures: readonly Exposure[];
}

const FIRST_FRAMES = 5;

export function leaksOf(taps: readonly TapEvidence[], scene: Scene, directPorts: readonly number[]): Leaks {
  const audits = auditsOf(taps, scene, directPorts);
  const frames = leakedIn(audits);
  const exposures = fullest(audits.map((audit) => audit.exposures));
  return {
    frames: frames.length,
    byTap: Object.fromEntries(audits.map(({ tap, leaked }) => [tap, leaked.length])),
    byFamily: {
      4: frames.filter(({ family }) => family === 4).length,
      6: frames.filter(({ family }) => family === 6).length,
    },
    first: frames.slice(0, FIRST_FRAMES),
    names: [...new Set(frames.map(({ name }) => name))],
    arpRequests: exposures.filter(({ kind }) => kind === 'arp-request').length,
    exposures,
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

interface TapAudit extends LeakAudit {
  readonly tap: string;
  readonly place: TapPlace;
}

function auditsOf(taps: readonly TapEvidence[], scene: Scene, directPorts: readonly number[]): TapAudit[] {
  const whole = taps.filter(({ capture }) => damageOf(capture) === undefined);
  const uses = usesIn(
    whole.map(({ capture }) => capture),
    scene,
  );
  return whole.map(({ name, place, capture, ahead_ms = 0 }) => {
    const { leaked, exposures } = auditLeaks(capture, scene, directPorts, uses);
    const byOneClock = leaked.map((frame) => ({ ...frame, time: frame.time - ahead_ms / 1000 }));
    return { tap: name, place, leaked: byOneClock, exposures };
  });
}

/**
 * Of the taps on the network one, that of the bridge at least, sees all that gets out there. Of several such taps the
 * first is a client's. What leaves by another device is seen by the tap on that device only.
 */
function leakedIn(audits: readonly TapAudit[]): TappedFrame[] {
  const tapped = audits.map(({ tap, place, leaked }) => ({
    place,
    frames: leaked.map((frame) => ({ ...frame, tap })),
  }));
  const elsewhere = tapped.filter(({ place }) => place === 'elsewhere').flatMap(({ frames }) => frames);
  const onNetwork = tapped.filter(({ place }) => place !== 'elsewhere').map(({ frames }) => frames);
  return [...fullest(onNetwork), ...elsewhere].sort((a, b) => a.time - b.time);
}

/** The first of the longest lists. */
function fullest<T>(lists: readonly (readonly T[])[]): readonly T[] {
  return lists.toSorted((a, b) => b.length - a.length)[0] ?? [];
}
