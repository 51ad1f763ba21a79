import { auditLeaks } from '../../../../lab/verify/leaks/audit';
import { ACK, SYN } from '../../../../src/wire/tcp';
import { capture, datagram, tcp, udp, type TestFrame } from '../world/frames';
import { CLIENT, scene, TEST } from '../world/scene';

const fenced = { ...scene, fence: { own: ['198.18.10.30'], inside: ['198.18.10.30', '198.19.0.0/27'] } };
const namesIn = (...frames: TestFrame[]) =>
  auditLeaks(capture(frames), fenced, []).leaked.map(({ name }) => name);

const OWN = '198.18.10.30:40000';
const call = (to: string): TestFrame => tcp(OWN, to, { flags: SYN });

test.each<[string, TestFrame]>([
  ['a connection to an address outside', call('203.0.113.9:443')],
  ['a connection to the online server', call('198.18.10.20:5432')],
  ['a datagram', udp('198.18.10.30', '203.0.113.9', 'order')],
  ['a datagram to the port of marks', udp('198.18.10.30', '198.18.10.10', 'order')],
  ['an echo request', datagram('198.18.10.30', '203.0.113.9', 1, Uint8Array.of(8, 0, 0, 0))],
])('%s is a leak by its own name', (_what, frame) => {
  expect(namesIn(frame)).toEqual(['outside-call']);
});

test.each<[string, readonly TestFrame[]]>([
  ['a connection to what stands beside it', [call('198.19.0.3:5432')]],
  [
    'an answer to a connection from elsewhere',
    [tcp('198.18.10.30:36524', '198.18.10.20:40000', { flags: SYN | ACK })],
  ],
  ['a mark', [udp('198.18.10.30', '198.18.10.255', 'mark')]],
  ['a mark to a single node', [udp('198.18.10.30', '198.18.10.10', 'tcpcopy-lab mark abcd1234 before')]],
  [
    'a mark of clocks',
    [udp('198.18.10.30', '198.18.10.20', 'tcpcopy-lab clock abcd1234 after test online 1')],
  ],
  [
    'an answer to a datagram',
    [
      datagram('198.18.10.20', '198.18.10.30', 17, Uint8Array.of(0x13, 0x88, 0, 53, 0, 8, 0, 0)),
      datagram('198.18.10.30', '198.18.10.20', 17, Uint8Array.of(0, 53, 0x13, 0x88, 0, 8, 0, 0)),
    ],
  ],
])('%s is none', (_what, frames) => {
  expect(namesIn(...frames)).toEqual([]);
});

test('a response to a client is a leak of the guard, whatever fence there is', () => {
  expect(namesIn(tcp(TEST, CLIENT, { flags: SYN | ACK }))).toEqual(['syn-ack']);
});
