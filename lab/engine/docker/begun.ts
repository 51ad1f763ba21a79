/**
 * What is run by ssh goes through a login shell, which may be any, and may greet, as may what it reads (`~/.bashrc`). A word says where
 * what was asked for begins: what comes before is nobody's answer.
 */
import type { Readable } from 'node:stream';

const WORD = 'tcpcopy-lab begins';

/** A line of sh (POSIX) that says the word first. */
export const announced = (line: string): string => `echo ${WORD}\n${line}`;

/** The same for any login shell: within single quotes csh and fish look at more than others, at none of these characters. */
export const forAnyShell = (line: string): string =>
  `sh -c 'eval "$(echo ${Buffer.from(line).toString('base64')} | base64 -d)"'`;

/**
 * Calls `use` once when the word has come; what is then read from the stream is what was said behind it.
 *
 * @returns tells what came before, which is all where the word never comes
 */
export function whenBegun(stream: Readable, use: () => void): () => string {
  let before = Buffer.alloc(0);
  const hear = (piece: Buffer): void => {
    before = Buffer.concat([before, piece]);
    const at = before.indexOf(WORD);
    // A terminal puts a carriage return before the end of the line.
    const end = at < 0 ? -1 : before.indexOf('\n', at);
    if (end < 0) return;
    stream.pause().off('data', hear);
    if (end + 1 < before.length) stream.unshift(before.subarray(end + 1));
    before = before.subarray(0, at);
    use();
    stream.resume();
  };
  stream.on('data', hear);
  return () => before.toString().trim();
}
