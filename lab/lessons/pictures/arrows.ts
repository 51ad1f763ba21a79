/** Frames of captures as arrows between nodes. Pure. */
import { ethernetDestination } from '../../verify/frames/ethernet';
import { eachFrame } from '../../verify/frames/frames';
import { formatAddress } from '../../../src/wire/address/address';
import { ACK, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import type { Arrow } from './draw';

const FLAGS = [
  [SYN, 'SYN'],
  [FIN, 'FIN'],
  [RST, 'RST'],
  [PSH, 'PSH'],
  [ACK, 'ACK'],
] as const;

/** One segment on the wire, with what it is told by. */
export interface Sighting {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** As Linux prints it; empty where the capture does not tell. */
  readonly toHardware: string;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly payload_bytes: number;
}

/** Every whole TCP segment of a capture file, up to `most`. @throws CaptureFileError when the file is damaged */
export function sightingsIn(capture: Uint8Array, most = 200): Sighting[] {
  const sightings: Sighting[] = [];
  eachFrame(capture, (frame) => {
    const { segment } = frame;
    if (!segment || sightings.length >= most) return;
    sightings.push({
      time: frame.time,
      source: formatAddress(segment.source),
      destination: formatAddress(segment.destination),
      sourcePort: segment.sourcePort,
      destinationPort: segment.destinationPort,
      toHardware: ethernetDestination(frame),
      flags: segment.flags,
      sequence: segment.sequence,
      acknowledgment: segment.acknowledgment,
      payload_bytes: segment.payloadLength,
    });
  });
  return sightings;
}

/** `SYN`, `PSH ACK, 74 bytes`; numbers count from where each side began, as tcpdump tells them. */
export function labelsOf(sightings: readonly Sighting[]): string[] {
  const begins = new Map<string, number>();
  return sightings.map((one) => {
    const own = `${one.source}:${one.sourcePort}>${one.destination}:${one.destinationPort}`;
    const other = `${one.destination}:${one.destinationPort}>${one.source}:${one.sourcePort}`;
    const isSyn = (one.flags & SYN) !== 0;
    if (isSyn || !begins.has(own)) begins.set(own, one.sequence);
    const relative = (number: number, of: string): number => (number - (begins.get(of) ?? number)) >>> 0;
    const names = FLAGS.flatMap(([bit, name]) => ((one.flags & bit) === 0 ? [] : [name]));
    const told = [
      names.join(' '),
      isSyn ? `seq ${one.sequence}` : `seq ${relative(one.sequence, own)}`,
      ...((one.flags & ACK) !== 0 && begins.has(other) ? [`ack ${relative(one.acknowledgment, other)}`] : []),
      ...(one.payload_bytes > 0 ? [`${one.payload_bytes} B`] : []),
    ];
    return told.join(' ');
  });
}

/** Who sent a segment to whom; undefined where that is somebody else. */
export type NodesOf = (sighting: Sighting) => readonly [from: string, to: string] | undefined;

export function arrowsOf(sightings: readonly Sighting[], nodesOf: NodesOf): Arrow[] {
  const begin = sightings[0]?.time ?? 0;
  const labels = labelsOf(sightings);
  return sightings.flatMap((one, index) => {
    const nodes = nodesOf(one);
    return nodes ? [{ from: nodes[0], to: nodes[1], label: labels[index]!, at: one.time - begin }] : [];
  });
}
