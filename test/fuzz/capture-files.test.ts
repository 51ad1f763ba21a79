/** Files of any bytes, plain and compressed: read, or refused in words, and never anything else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CaptureError } from '../../src/capture/devices';
import { CaptureFiles } from '../../src/capture/file/capture-files';
import { filesMatching } from '../../src/capture/file/glob';
import { parseAddress } from '../../src/wire/address/address';
import { emitPcapFileHeader, emitPcapRecord } from '../../src/wire/capture/pcap';
import type { Random } from '../sim/world/plan/random';
import { joined } from '../unit/capture/files';
import { packet } from '../unit/capture/packets';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, frame, vxlan } from '../unit/capture/tunnels';
import { fuzz } from './rounds';

const directory = mkdtempSync(join(tmpdir(), 'fuzz-captures-'));
afterAll(() => rmSync(directory, { recursive: true }));

const [CLIENT6, ONLINE6] = [parseAddress('2001:2::10')!, parseAddress('2001:2::20')!];
/** Over both families, every other one in a tunnel. */
const WHOLE = joined(
  emitPcapFileHeader(1),
  ...Array.from({ length: 40 }, (_, one) => {
    const isIpv6 = one % 4 >= 2;
    const said = packet({
      payload: `GET /${one}`,
      sequence: one,
      checksum: 'right',
      ...(isIpv6 && { source: CLIENT6, destination: ONLINE6 }),
    });
    const framed = frame(said, isIpv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
    return emitPcapRecord(one % 2 ? framed : frame(vxlan(framed)), one);
  }),
);
const OPENINGS = [
  WHOLE,
  gzipSync(WHOLE),
  gzipSync(WHOLE, { level: 0 }),
  Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x05),
  Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
];

/** Something real, cut off and spoiled here and there, or with anything behind it. */
function spoiled(random: Random): Uint8Array {
  const whole = random.pick(OPENINGS);
  const bytes = Uint8Array.from(
    whole.subarray(0, random.chance(0.5) ? whole.length : random.between(0, whole.length)),
  );
  for (let faults = random.between(0, 4); faults > 0 && bytes.length > 0; faults -= 1)
    bytes[random.between(0, bytes.length - 1)] = random.between(0, 255);
  const more = Uint8Array.from({ length: random.between(0, 30) }, () => random.between(0, 255));
  return random.chance(0.3) ? joined(bytes, more) : bytes;
}

fuzz(
  'random files are read to their end with every packet accounted for, or refused',
  300,
  async (random) => {
    const paths = Array.from({ length: random.between(1, 2) }, (_, one) => join(directory, `${one}`));
    for (const path of paths) writeFileSync(path, spoiled(random));
    let files: CaptureFiles;
    try {
      files = await CaptureFiles.open(paths, [{ address: undefined, port: 80 }]);
    } catch (error) {
      expect(error).toBeInstanceOf(CaptureError);
      return;
    }
    try {
      do while (files.next());
      while (await files.read());
    } finally {
      await files.close();
    }
    const { packets, segments, ...others } = files.counters;
    const rejected = Object.entries(others).filter(([name]) => name.startsWith('rejected_'));
    expect(segments + rejected.reduce((sum, [, count]) => sum + count, 0)).toBe(packets);
    expect(files.share).toBeLessThanOrEqual(1);
  },
);

const LETTERS = '*?[]!-^\\a1./';
fuzz('random patterns fit files, or none', 2000, (random) => {
  const text = Array.from(
    { length: random.between(0, 8) },
    () => LETTERS[random.between(0, LETTERS.length - 1)]!,
  );
  expect(Array.isArray(filesMatching(join(directory, text.join(''))))).toBe(true);
});
