/** Captures by a clock that is wrong on purpose. */
import { packetsIn } from '../../../../src/wire/capture/capture-file';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { LINKTYPE } from '../../../../src/wire/encapsulation/link';
import type { TapEvidence } from '../../../../lab/verify/evidence/tap';

/** @param capture of one link type */
export function shifted(capture: Uint8Array, by_s: number): Uint8Array {
  const packets = [...packetsIn(capture)].map((packet) => ({ ...packet }));
  return Buffer.concat([
    emitPcapFileHeader(packets[0]?.linkType ?? LINKTYPE.ethernet),
    ...packets.map(({ offset, capturedLength, timestamp = 0 }) =>
      emitPcapRecord(capture.subarray(offset, offset + capturedLength), timestamp + by_s),
    ),
  ]);
}

/** The taps of an engine whose machine's clock is ahead by so much. */
export const withClockOf = (engine: string, ahead_s: number, taps: readonly TapEvidence[]): TapEvidence[] =>
  taps.map((tap) => (tap.engine === engine ? { ...tap, capture: shifted(tap.capture, ahead_s) } : tap));
