/**
 * Marks that tell how clocks stand: numbered datagrams between a node of each machine and the online server, in both directions,
 * each recorded where it left and where it came.
 */
import type { Passage } from '../../clocks/clock-between';
import type { TapEvidence } from '../evidence/tap';
import { damageOf } from './tap-counts';
import { eachFrame } from './frames';
import type { MarkMoment } from './marks';

/** A number follows. @param from, to names of nodes */
export const clockText = (run: string, moment: MarkMoment, from: string, to: string): string =>
  `tcpcopy-lab clock ${run} ${moment} ${from} ${to} `;

/** What a capture tells is cut off to this. */
const RESOLUTION_S = 1e-6;

/** @returns what passed between engines before the load, and behind it */
export function passagesIn(taps: readonly TapEvidence[], run: string): Record<MarkMoment, Passage[]> {
  const seen = new Map(
    taps.flatMap((tap) =>
      tap.node !== undefined && tap.engine !== undefined && damageOf(tap.capture) === undefined
        ? [[tap.node, { engine: tap.engine, marks: marksAt(tap.capture, run) }] as const]
        : [],
    ),
  );
  const passages: Record<MarkMoment, Passage[]> = { before: [], after: [] };
  for (const [node, { engine, marks }] of seen)
    for (const [key, { moment, from, to, time }] of marks) {
      const there = seen.get(to);
      const came = there?.marks.get(key)?.time;
      if (from !== node || !there || came === undefined) continue;
      passages[moment].push({ from: engine, to: there.engine, left: time, came: came + RESOLUTION_S });
    }
  return passages;
}

interface ClockMark {
  readonly moment: MarkMoment;
  readonly from: string;
  readonly to: string;
  /** When it was first seen; an answer that nobody listens has its text, too. */
  readonly time: number;
}

function marksAt(capture: Uint8Array, run: string): Map<string, ClockMark> {
  const marks = new Map<string, ClockMark>();
  const form = new RegExp(`tcpcopy-lab clock ${run} (before|after) (\\S+) (\\S+) \\d+`);
  eachFrame(capture, ({ bytes, offset, length, segment, time }) => {
    if (segment) return;
    const frame = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length);
    const [key, moment, from, to] = form.exec(frame.toString('latin1')) ?? [];
    if (key === undefined || marks.has(key)) return;
    marks.set(key, { moment: moment as MarkMoment, from: from!, to: to!, time });
  });
  return marks;
}
