/** Two texts by lines, and two bodies that are none by their bytes. */
import type { Differences, Shown } from './differences';

/** Of the beginning of a line that names its place. */
const PLACE_CHARACTERS = 40;
const COMPARED_LINES_MAX = 20_000;
const AROUND_BYTES = 24;

/** Where both have as many lines, line by line; else the first that differs, and how many there are. */
export function compareText(online: string, test: string, differences: Differences): void {
  const [ours, theirs] = [online.split(/\r?\n/), test.split(/\r?\n/)];
  let first = 0;
  while (first < ours.length && first < theirs.length && ours[first] === theirs[first]) first += 1;
  if (first === ours.length && first === theirs.length) return;
  if (ours.length !== theirs.length || ours.length > COMPARED_LINES_MAX) {
    const kind = theirs.length < ours.length ? 'shorter' : theirs.length > ours.length ? 'longer' : 'changed';
    differences.add('text', lineOf(ours, first), lineOf(theirs, first), kind);
    return;
  }
  for (let at = first; at < ours.length; at += 1) {
    if (ours[at] === theirs[at]) continue;
    differences.add(placeOf(ours[at]!, theirs[at]!, differences), { raw: ours[at]! }, { raw: theirs[at]! });
  }
}

const lineOf = (lines: readonly string[], at: number): Shown => {
  const line = lines[at];
  return {
    raw: line ?? '',
    shown: line === undefined ? `ends behind ${at} lines` : `line ${at + 1} of ${lines.length}: ${line}`,
  };
};

/** Lines are known again by what they begin with: their number may be another one next time. */
function placeOf(online: string, test: string, { rules }: Differences): string {
  if (rules.redact.at('text') !== undefined || rules.redact.at('body') !== undefined) return 'text';
  let same = 0;
  while (same < PLACE_CHARACTERS && same < online.length && online[same] === test[same]) same += 1;
  // Up to where a word ends: what both words begin with is the same by chance.
  const beginning = /^.*[^\w-]/s.exec(online.slice(0, same))?.[0].trim() ?? '';
  return beginning === '' ? 'text' : `text:${beginning}`;
}

/** @param online what is there of each; a length may tell of more */
export function compareBytes(place: string, online: Buffer, test: Buffer, differences: Differences): void {
  const both = Math.min(online.length, test.length);
  let at = 0;
  while (at < both && online[at] === test[at]) at += 1;
  if (at === both && online.length === test.length) return;
  const kind = at < both ? 'changed' : test.length < online.length ? 'shorter' : 'longer';
  differences.add(place, around(online, at), around(test, at), kind);
}

function around(bytes: Buffer, at: number): Shown {
  const from = Math.max(0, at - AROUND_BYTES / 2);
  const part = bytes.subarray(from, at + AROUND_BYTES);
  const text = part.toString('latin1').replace(/[^\x20-\x7e]/g, '·');
  return {
    raw: part.toString('latin1'),
    shown: `byte ${at} of ${bytes.length}: ${part.toString('hex')}  ${text}`,
  };
}
