import { FragmentTable } from '../../../../src/wire/ip/fragments';
import { emitIpv4, IP_PROTOCOL_TCP } from '../../../../src/wire/ip/ipv4';

const HEADER = 20;

/** A packet of `length` payload bytes. */
function packet(length: number, identification = 1): Uint8Array {
  const bytes = Uint8Array.from({ length: HEADER + length }, (_, index) => index);
  const totalLength = bytes.length;
  emitIpv4(bytes, 0, {
    totalLength,
    identification,
    ttl: 64,
    protocol: IP_PROTOCOL_TCP,
    source: 1,
    destination: 2,
  });
  return bytes;
}

/** The part of a packet's payload between two places. */
function fragment(whole: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(HEADER + to - from);
  bytes.set(whole.subarray(0, HEADER));
  bytes.set(whole.subarray(HEADER + from, HEADER + to), HEADER);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, bytes.length);
  view.setUint16(6, (from / 8) | (HEADER + to < whole.length ? 0x2000 : 0));
  return bytes;
}

function table(): {
  add(bytes: Uint8Array, at_s?: number): Uint8Array | undefined;
  end(): void;
  lost: string[];
} {
  const lost: string[] = [];
  const fragments = new FragmentTable((reason) => lost.push(reason));
  return {
    add: (bytes, at_s = 0) => fragments.add(bytes, 0, bytes.length, at_s),
    end: () => fragments.end(),
    lost,
  };
}

const payloadOf = (bytes: Uint8Array | undefined): Uint8Array | undefined => bytes?.subarray(HEADER);

test.each([
  ['in order', [0, 1, 2]],
  ['backwards', [2, 1, 0]],
  ['some of them twice', [1, 1, 0, 2]],
])('fragments that come %s become the packet again', (_, places) => {
  const whole = packet(50);
  const pieces = [fragment(whole, 0, 16), fragment(whole, 16, 32), fragment(whole, 32, 50)];
  const { add, lost } = table();
  const results = places.map((place) => add(pieces[place]!));
  expect(payloadOf(results.pop())).toEqual(payloadOf(whole));
  expect(results.every((result) => result === undefined)).toBe(true);
  expect(lost).toEqual([]);
});

test('packets are told apart by their identification', () => {
  const [first, second] = [packet(24, 1), packet(24, 2)];
  const { add } = table();
  add(fragment(first, 0, 16));
  expect(add(fragment(second, 16, 24))).toBeUndefined();
  expect(payloadOf(add(fragment(first, 16, 24)))).toEqual(payloadOf(first));
});

test('a packet that does not become whole in time is given up once', () => {
  const { add, lost } = table();
  add(fragment(packet(24, 1), 0, 16), 100);
  add(fragment(packet(24, 2), 0, 16), 129);
  expect(lost).toEqual([]);
  expect(add(fragment(packet(24, 1), 16, 24), 131)).toBeUndefined();
  expect(lost).toEqual(['fragments-missing']);
});

test('a packet that became whole is not begun again by fragments that were captured twice, for a moment', () => {
  const whole = packet(24);
  const pieces = [fragment(whole, 0, 16), fragment(whole, 16, 24)];
  const { add, end, lost } = table();
  expect(pieces.map((piece) => add(piece, 100))[1]).toBeDefined();
  expect(pieces.map((piece) => add(piece, 100.5))).toEqual([undefined, undefined]);
  expect(pieces.map((piece) => add(piece, 110))[1]).toBeDefined();
  end();
  expect(lost).toEqual([]);
});

test('a fragment with a wrong time ends no other packet', () => {
  const { add, lost } = table();
  const whole = packet(24, 1);
  add(fragment(whole, 0, 16), 100);
  add(fragment(packet(24, 2), 0, 16), 1e9);
  expect(payloadOf(add(fragment(whole, 16, 24), 101))).toEqual(payloadOf(whole));
  expect(lost).toEqual([]);
});

test('what is left at the end is given up', () => {
  const { add, end, lost } = table();
  add(fragment(packet(24, 1), 0, 16));
  end();
  expect(lost).toEqual(['fragments-missing']);
});

test('fragments that overlap are no packet', () => {
  const { add, lost } = table();
  const whole = packet(50);
  add(fragment(whole, 0, 16));
  add(fragment(whole, 8, 32));
  expect(lost).toEqual(['fragments-overlap']);
});

test('fragments that are cut, or reach beyond any packet, are no packet', () => {
  const { add, lost } = table();
  add(fragment(packet(50), 0, 16).subarray(0, 30));
  const beyond = fragment(packet(50), 0, 16);
  new DataView(beyond.buffer).setUint16(6, 0x3fff);
  add(beyond);
  expect(lost).toEqual(['fragment-damaged', 'fragment-damaged']);
});

test('a flood of beginnings holds no more than it may', () => {
  const { add, lost } = table();
  for (let one = 0; one < 3000; one += 1) add(fragment(packet(24, one), 0, 16));
  expect(lost).toHaveLength(3000 - 1024);
  expect(new Set(lost)).toEqual(new Set(['fragments-too-many']));
});
