import { fieldsOf } from '../../../../lab/web/frames/fields';
import { keptFrames, wholeFrame } from '../../../../lab/web/frames/kept';
import { ACK, RST } from '../../../../src/wire/tcp';
import { arpRequest, capture, tcp } from '../../verify/world/frames';
import { CLIENT, ONLINE, scene, TEST } from '../../verify/world/scene';
import { kept, REQUEST } from '../world';

test('a frame is known by its ends, and what is nothing to the copy is left out', () => {
  const frames = [
    tcp(CLIENT, ONLINE),
    tcp(ONLINE, CLIENT),
    tcp(CLIENT, TEST),
    tcp(TEST, CLIENT),
    tcp(TEST, '192.0.2.1:9', { flags: RST | ACK }),
    tcp('198.18.10.191:9', TEST, { flags: ACK }),
    tcp(TEST, '198.18.10.191:9', { flags: RST }),
    tcp(TEST, '198.18.10.20:50000'),
    tcp('198.18.10.20:50000', TEST),
    arpRequest('198.18.10.10', '198.18.10.20'),
  ];
  expect(kept(frames).map(({ shown }) => shown.kind)).toEqual([
    'request',
    'answer',
    'copy',
    'response',
    'canary',
    'canary',
    'canary',
  ]);
});

test('a frame says its first line, where that is text', () => {
  expect(kept()[3]!.shown).toMatchObject({ says: 'GET /hello HTTP/1.1', length_bytes: REQUEST.length });
  const [binary] = kept([tcp(CLIENT, ONLINE, { payload: Uint8Array.of(0, 1, 2) })]);
  expect(binary!.shown).not.toHaveProperty('says');
});

test('every byte of a frame is in one of its fields, at its place', () => {
  const { bytes, tcpOffset } = kept()[3]!;
  const fields = fieldsOf(bytes, tcpOffset);
  const covered = new Set(
    fields.flatMap(({ offset, length }) => Array.from({ length }, (_, index) => offset + index)),
  );
  // All but the type of service.
  expect([...bytes.keys()].filter((at) => !covered.has(at))).toEqual([1]);
  const valueOf = (name: string) => fields.find((field) => field.name === name)?.value;
  expect(valueOf('ip.source')).toBe('198.18.10.10');
  expect(valueOf('tcp.destination-port')).toBe('80');
  expect(valueOf('tcp.flags')).toBe('P.');
  expect(valueOf('payload')).toBe(`${REQUEST.length} B`);
});

test('every byte of an IPv6 packet is in one of its fields as well', () => {
  const { bytes } = tcp('[2001:2:0:10::10]:40000', '[2001:2:0:10::20]:80');
  const packet = bytes.subarray(14);
  const fields = fieldsOf(packet, 40);
  const covered = new Set(
    fields.flatMap(({ offset, length }) => Array.from({ length }, (_, index) => offset + index)),
  );
  expect([...packet.keys()].filter((at) => !covered.has(at))).toEqual([]);
  expect(fields.find(({ name }) => name === 'ip.source')?.value).toBe('2001:2:0:10::10');
  expect(fields.find(({ name }) => name === 'tcp.destination-port')?.value).toBe('80');
});

test('a frame of which not all was kept says how much is missing', () => {
  const frame = tcp(CLIENT, ONLINE, { payload: new Uint8Array(1000) });
  const whole = Buffer.from(capture([frame]));
  const cut = Buffer.from(whole.subarray(0, whole.length - 400));
  cut.writeUInt32LE(frame.bytes.length - 400, 24 + 8);
  const [found] = keptFrames(cut, scene, () => 1);
  expect(wholeFrame(found!)).toMatchObject({ length_bytes: 1000, missing_bytes: 400 });
});
