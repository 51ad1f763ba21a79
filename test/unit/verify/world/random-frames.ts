/** Ways in which a healthy network delivers the same stream. */
import type { Random } from '../../../../lab/load/requests/random';
import { Speaker } from './conversation';
import type { End, TestFrame } from './frames';

/** One request of a connection. */
export type Request = Uint8Array;

const SEGMENT_BYTES_MAX = 60_000;

/** The requests of one connection: cut anywhere, some segments sent twice, overlapping or overtaken by the next. */
export function deliver(client: End, server: End, requests: readonly Request[], random: Random): TestFrame[] {
  const speaker = new Speaker(client, server, Math.floor(random.fraction() * 2 ** 32));
  const stream = Buffer.concat(requests);
  const frames = [speaker.syn()];
  for (let at = 0; at < stream.length;) {
    const end = Math.min(stream.length, at + random.between(1, random.pick([100, 1448, SEGMENT_BYTES_MAX])));
    // A retransmission may begin earlier than the segment that it repeats.
    const from = random.fraction() < 0.1 ? random.between(Math.max(0, at - 100), at) : at;
    frames.push(speaker.at(from, stream.subarray(from, end)));
    if (random.fraction() < 0.1) frames.push(frames.at(-1)!);
    at = end;
  }
  frames.push(speaker.at(stream.length, new Uint8Array(0), 0x11));
  return overtaken(frames, random);
}

function overtaken(frames: TestFrame[], random: Random): TestFrame[] {
  for (let at = 2; at < frames.length; at += 1) {
    if (random.fraction() < 0.05) [frames[at - 1], frames[at]] = [frames[at]!, frames[at - 1]!];
  }
  return frames;
}

/** Mixes sequences of frames, each in its own order. */
export function interleave(sequences: readonly (readonly TestFrame[])[], random: Random): TestFrame[] {
  const rest = sequences.filter((frames) => frames.length > 0).map((frames) => ({ frames, at: 0 }));
  const mixed: TestFrame[] = [];
  while (rest.length > 0) {
    const index = random.between(0, rest.length - 1);
    const one = rest[index]!;
    mixed.push(one.frames[one.at++]!);
    if (one.at === one.frames.length) rest.splice(index, 1);
  }
  return mixed;
}
