/**
 * Marks: a broadcast from the test server, so that it travels the way a leak would, past every tap. It is UDP and
 * belongs to no copy. A tap that did not record the marks before and after the load was not looking all the while.
 */
import { eachFrame } from './frames';

export type MarkMoment = 'before' | 'after';

export const markText = (run: string, moment: MarkMoment): string => `tcpcopy-lab mark ${run} ${moment}`;

export function marksIn(capture: Uint8Array, run: string): Set<MarkMoment> {
  const seen = new Set<MarkMoment>();
  const texts = (['before', 'after'] as const).map((moment) => ({
    moment,
    text: Buffer.from(markText(run, moment)),
  }));
  eachFrame(capture, ({ bytes, offset, length, segment }) => {
    if (segment) return;
    const frame = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length);
    for (const { moment, text } of texts) if (frame.includes(text)) seen.add(moment);
  });
  return seen;
}
