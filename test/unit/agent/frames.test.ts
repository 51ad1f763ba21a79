import {
  exitStatusBody,
  FROM_AGENT,
  frameOf,
  FrameReader,
  framesOf,
  TO_AGENT,
} from '../../../lab/agent/frames';

const told = (pieces: readonly Buffer[]): string[] => {
  const reader = new FrameReader();
  return pieces
    .flatMap((piece) => reader.read(piece))
    .map(({ kind, command, body }) => `${kind} of ${command}: ${body.toString()}`);
};

const stream = Buffer.concat([
  frameOf(TO_AGENT.start, 1, '{}'),
  frameOf(TO_AGENT.input, 1),
  frameOf(FROM_AGENT.stdout, 0xffff_ffff, 'words'),
]);

test.each([1, 2, 3, 7, 14, 1000])('frames are found in a stream that comes in pieces of %i bytes', (size) => {
  const count = Math.ceil(stream.length / size);
  const pieces = Array.from({ length: count }, (_, at) => stream.subarray(at * size, (at + 1) * size));
  expect(told(pieces)).toEqual(['1 of 1: {}', '2 of 1: ', '5 of 4294967295: words']);
});

test('a frame that is not whole is kept until it is', () => {
  expect(told([stream.subarray(0, stream.length - 1)])).toEqual(['1 of 1: {}', '2 of 1: ']);
});

test('what is long goes in several frames, and nothing in none', () => {
  const long = Buffer.alloc(200_000, 'x');
  const reader = new FrameReader();
  const frames = [...framesOf(TO_AGENT.input, 5, long)].flatMap((piece) => reader.read(piece));
  expect(frames.length).toBeGreaterThan(1);
  expect(Buffer.concat(frames.map(({ body }) => body)).equals(long)).toBe(true);
  expect([...framesOf(TO_AGENT.input, 5, Buffer.alloc(0))]).toEqual([]);
});

test('an exit status may be below nothing', () => {
  expect(exitStatusBody(-1).readInt32BE()).toBe(-1);
});
