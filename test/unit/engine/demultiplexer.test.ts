import { expect, test } from '@jest/globals';
import { Demultiplexer, type Output } from '../../../lab/engine/docker/demultiplexer';
import { randomFrom } from '../../../lab/load/requests/random';

function frame(output: Output, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = output === 'stdout' ? 1 : 2;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

test('both outputs come out as they were written, whatever pieces the connection brings them in', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = randomFrom(seed);
    const written = Array.from({ length: random.between(0, 12) }, () => ({
      output: random.pick<Output>(['stdout', 'stderr']),
      bytes: random.bytes(random.between(0, 40)),
    }));
    const sent = Buffer.concat(written.map(({ output, bytes }) => frame(output, bytes)));
    const said = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
    const demultiplexer = new Demultiplexer((output, bytes) => {
      said[output] = Buffer.concat([said[output], bytes]);
    });
    for (let at = 0; at < sent.length;) {
      const size = random.between(1, 30);
      demultiplexer.read(sent.subarray(at, at + size));
      at += size;
    }
    for (const output of ['stdout', 'stderr'] as const) {
      const expected = written.filter((one) => one.output === output).map(({ bytes }) => bytes);
      expect([seed, said[output]]).toEqual([seed, Buffer.concat(expected)]);
    }
  }
});
