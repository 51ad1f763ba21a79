/** Evidence of a lab whose online server is on `a` and whose test server is on `b`, with the marks that passed between them. */
import type { TapEvidence } from '../../../../lab/verify/evidence/tap';
import { clockText } from '../../../../lab/verify/frames/clock-marks';
import type { MarkMoment } from '../../../../lab/verify/frames/marks';
import { emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { udp } from './frames';

const BEGIN_S = 1_700_000_000;
const END_S = BEGIN_S + 60;
/** How long the quickest marks take. */
export const THERE_MS = 0.3;
export const BACK_MS = 0.1;

export function acrossEngines(
  taps: readonly TapEvidence[],
  run: string,
  marked: readonly MarkMoment[] = ['before', 'after'],
): TapEvidence[] {
  const marksAt = ({ node }: TapEvidence): Uint8Array[] =>
    marked.flatMap((moment) =>
      [1, 2, 3].flatMap((number) => {
        const at_s = (moment === 'before' ? BEGIN_S : END_S) + number / 100;
        const passing = (from: string, to: string, way_ms: number): Uint8Array[] => {
          if (node !== from && node !== to) return [];
          const frame = udp('198.18.10.20', '198.18.10.30', `${clockText(run, moment, from, to)}${number}`);
          // Those that are not the quickest take longer than they have to.
          const late_s = node === to ? (way_ms * number) / 1000 : 0;
          return [emitPcapRecord(frame.bytes, at_s + late_s)];
        };
        return [...passing('online', 'test', THERE_MS), ...passing('test', 'online', BACK_MS)];
      }),
    );
  return taps.map((tap) => ({
    ...tap,
    engine: tap.name.startsWith('test') ? 'b' : 'a',
    capture: Buffer.concat([tap.capture, ...marksAt(tap)]),
  }));
}
