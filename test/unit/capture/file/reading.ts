/** Capture files, read to their end. */
import { CaptureFiles } from '../../../../src/capture/file/capture-files';
import type { SegmentView } from '../../../../src/wire/segment';

export type Endpoints = Parameters<typeof CaptureFiles.open>[1];

/** Port 80 of any address. */
export const everywhere: Endpoints = [{ address: undefined, port: 80 }];

export const payloadOf = ({ bytes, payloadOffset, payloadLength }: SegmentView): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + payloadOffset, payloadLength).toString('latin1');

/** Payloads of the segments in files, and what was counted. */
export async function readFiles(paths: readonly string[], endpoints = everywhere) {
  const files = await CaptureFiles.open(paths, endpoints);
  const payloads: string[] = [];
  const times: (number | undefined)[] = [];
  const shares: (number | undefined)[] = [files.share];
  try {
    for (;;) {
      const segment = files.next();
      if (segment) {
        payloads.push(payloadOf(segment.view));
        times.push(segment.timestamp);
      } else if (!(await files.read())) break;
      else shares.push(files.share);
    }
  } finally {
    await files.close();
  }
  const { packets, segments, ...others } = files.counters;
  const rejected = Object.entries(others).filter(([name]) => name.startsWith('rejected_'));
  expect(segments + rejected.reduce((sum, [, count]) => sum + count, 0)).toBe(packets);
  const { counters, damages, findings, overlapping } = files;
  return { payloads, times, shares, counters, damages, findings, overlapping };
}
