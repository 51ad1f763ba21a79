import { arrowsOf, labelsOf, type Sighting } from '../../../lab/lessons/pictures/arrows';
import { drawArrows } from '../../../lab/lessons/pictures/draw';
import { ACK, FIN, PSH, SYN } from '../../../src/wire/tcp';

const from = (side: 'a' | 'b', more: Partial<Sighting>): Sighting => ({
  time: 0,
  source: side === 'a' ? '198.18.10.10' : '198.18.10.20',
  destination: side === 'a' ? '198.18.10.20' : '198.18.10.10',
  sourcePort: side === 'a' ? 40_000 : 80,
  destinationPort: side === 'a' ? 80 : 40_000,
  toHardware: '',
  flags: ACK,
  sequence: 0,
  acknowledgment: 0,
  payload_bytes: 0,
  ...more,
});

const conversation = [
  from('a', { time: 10, flags: SYN, sequence: 0xffff_ffff }),
  from('b', { time: 10.001, flags: SYN | ACK, sequence: 500, acknowledgment: 0 }),
  from('a', { time: 10.002, flags: PSH | ACK, sequence: 0, acknowledgment: 501, payload_bytes: 74 }),
  from('b', { time: 10.25, flags: FIN | ACK, sequence: 501, acknowledgment: 74 }),
];

test('SYNs are told with their numbers, all else counts from there, over the end of the numbers as well', () => {
  expect(labelsOf(conversation)).toEqual([
    'SYN seq 4294967295',
    'SYN ACK seq 500 ack 1',
    'PSH ACK seq 1 ack 1 74 B',
    'FIN ACK seq 1 ack 75',
  ]);
});

test('arrows go between columns, downwards in time', () => {
  const nodes = (one: Sighting) =>
    one.sourcePort === 80 ? (['online', 'client'] as const) : (['client', 'online'] as const);
  const drawn = drawArrows(
    [
      ['client', '198.18.10.10'],
      ['online', '198.18.10.20'],
    ],
    arrowsOf(conversation, nodes),
  );
  expect(drawn).toBe(
    [
      '         client                        online',
      '         198.18.10.10                  198.18.10.20',
      '         │                             │',
      '  0.000  ├─ SYN seq 4294967295 ────────►',
      '  0.001  ◄───── SYN ACK seq 500 ack 1 ─┤',
      '  0.002  ├─ PSH ACK seq 1 ack 1 74 B ──►',
      '  0.250  ◄────── FIN ACK seq 1 ack 75 ─┤',
    ].join('\n'),
  );
});

test('what passes by somebody who is not in the picture is left out', () => {
  expect(arrowsOf(conversation, () => undefined)).toEqual([]);
  expect(drawArrows([['client', '']], [{ from: 'client', to: 'nobody', label: 'SYN', at: 0 }])).not.toContain(
    'SYN',
  );
});
