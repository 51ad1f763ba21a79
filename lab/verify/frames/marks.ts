/**
 * Marks: a broadcast from the test server, so that it travels the way a leak would, past every tap. It is UDP and
 * belongs to no copy. A tap that did not record the marks before and after the load was not looking all the while.
 */
import type { Family } from '../../../src/wire/address/address';
import { eachFrame } from './frames';

export type MarkMoment = 'before' | 'after';

export const markText = (run: string, moment: MarkMoment, family: Family = 4): string =>
  `tcpcopy-lab ${family === 4 ? 'mark' : 'mark6'} ${run} ${moment}`;

/** Of this run or another, or of those that tell how clocks stand. @param datagram what is in it */
export const isMark = (datagram: Uint8Array): boolean =>
  /^tcpcopy-lab (mark6?|clock) /.test(
    Buffer.from(datagram.subarray(0, LONGEST_BEGIN_BYTES)).toString('latin1'),
  );

const LONGEST_BEGIN_BYTES = 24;

/** Moments whose mark is there, over each family that it was sent over. */
export function marksIn(
  capture: Uint8Array,
  run: string,
  families: readonly Family[] = [4],
): Set<MarkMoment> {
  const [first, ...others] = families.map((family) => marksOver(capture, run, family));
  return new Set([...first!].filter((moment) => others.every((seen) => seen.has(moment))));
}

function marksOver(capture: Uint8Array, run: string, family: Family): Set<MarkMoment> {
  const seen = new Set<MarkMoment>();
  const texts = (['before', 'after'] as const).map((moment) => ({
    moment,
    text: Buffer.from(markText(run, moment, family)),
  }));
  eachFrame(capture, ({ bytes, offset, length, segment }) => {
    if (segment) return;
    const frame = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length);
    for (const { moment, text } of texts) if (frame.includes(text)) seen.add(moment);
  });
  return seen;
}
