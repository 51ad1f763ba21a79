/** Whether the evidence can be believed: blind or lossy taps, and readings that contradict one another. */
import { counted, type Finding } from './finding';
import { boundsOf, type KernelCount } from '../evidence/kernel-count';
import { marksIn, type MarkMoment } from '../frames/marks';
import { countWatches, damageOf } from '../frames/tap-counts';
import type { TapEvidence } from '../evidence/tap';
import type { Watch } from '../evidence/watch';

export interface Control {
  readonly tap: string;
  /** True when the tap recorded the marks before and after the load. */
  readonly seen: boolean;
}

export interface TapReadings {
  readonly findings: readonly Finding[];
  readonly controls: readonly Control[];
}

export function findInTaps(
  taps: readonly TapEvidence[],
  run: string,
  watches: readonly Watch[],
): TapReadings {
  const findings: Finding[] = [];
  const controls: Control[] = [];
  for (const tap of taps) {
    const damage = damageOf(tap.capture);
    if (damage !== undefined) {
      findings.push({
        code: 'tap-damaged',
        message: `The capture of tap ${tap.name} cannot be read to its end: ${damage}.${said(tap)}`,
      });
      controls.push({ tap: tap.name, seen: false });
      continue;
    }
    const marks = marksIn(tap.capture, run, tap.families);
    controls.push({ tap: tap.name, seen: marks.size === 2 });
    findings.push(...blindness(tap, marks), ...losses(tap), ...differences(tap, watches));
  }
  return { findings, controls };
}

function said(tap: TapEvidence): string {
  return tap.endedEarly === undefined ? '' : ` tcpdump ended early and said: ${tap.endedEarly}`;
}

function blindness(tap: TapEvidence, marks: ReadonlySet<MarkMoment>): Finding[] {
  if (marks.size === 2) return [];
  const missed = (['before', 'after'] as const).filter((moment) => !marks.has(moment));
  return [
    {
      code: 'tap-blind',
      message:
        `Tap ${tap.name} did not record the mark that was sent ${missed.join(' and ')} the load, ` +
        `so that it saw no leak proves nothing.${said(tap)}`,
    },
  ];
}

function losses(tap: TapEvidence): Finding[] {
  if (tap.droppedByKernel === 0) return [];
  const message =
    tap.droppedByKernel === undefined
      ? `Tap ${tap.name} did not say how many frames it missed.${said(tap)}`
      : `Tap ${tap.name} missed ${counted(tap.droppedByKernel, 'frame')} (dropped by the kernel), so its evidence is incomplete.`;
  return [{ code: 'tap-dropped', message, mend: 'verify again with less other work on this machine' }];
}

/** Our packet code and tcpdump read the same file: their numbers must be equal. */
function differences(tap: TapEvidence, watches: readonly Watch[]): Finding[] {
  const ours = countWatches(tap.capture, watches);
  return watches
    .filter(({ id }) => ours[id] !== tap.tcpdumpCounts[id])
    .map(({ id, meaning }) => ({
      code: 'evidence-disagrees' as const,
      message: `Tap ${tap.name}: of ${meaning} we count ${ours[id]} in the capture, tcpdump counts ${tap.tcpdumpCounts[id] ?? 'nothing at all'}.`,
    }));
}

/**
 * A kernel counts what it is about to send before it asks for the hardware address; where that was asked for (an exposure),
 * some of it may never have been sent.
 */
export const comparableCounts = (counts: readonly KernelCount[], exposures: number): readonly KernelCount[] =>
  counts.filter(({ watch }) => watch.hook !== 'POSTROUTING' || exposures === 0);

/** The kernel's counts must fit what the tap in the same node recorded. */
export function findInKernelCounts(counts: readonly KernelCount[], taps: readonly TapEvidence[]): Finding[] {
  return counts.flatMap((count) => {
    const { watch } = count;
    const tap = taps.find(({ node }) => node === watch.node);
    if (!tap || damageOf(tap.capture) !== undefined) return [];
    const captured = countWatches(tap.capture, [watch])[watch.id]!;
    const { least, most } = boundsOf(count);
    if (captured >= least && captured <= most) return [];
    const kernel = least === most ? String(least) : `between ${least} and ${most}`;
    const message = `On ${watch.node} the kernel counted ${kernel} ${watch.meaning} (${watch.hook}), the tap recorded ${captured}.`;
    return [{ code: 'evidence-disagrees' as const, message }];
  });
}
