import { expect, test } from '@jest/globals';
import { expressionWithin } from '../../../../lab/verify/evidence/tunnelled';

const watch = { id: 'responses', meaning: 'responses', family: 4 } as const;

test('what is said of a frame in a tunnel is said by its places behind the outer datagram', () => {
  const expression = expressionWithin(4097, {
    ...watch,
    source: '198.18.10.30',
    sourcePort: 8080,
    destination: '198.18.10.10',
    destinationPort: 40_000,
    hardware: '02:42:c6:12:0a:28',
  });
  expect(expression.split(' and ')).toEqual([
    'udp[12:4] >> 8 = 4097',
    'udp[28:2] = 2048',
    'udp[30] = 0x45',
    'udp[39] = 6',
    'udp[16:2] = 578',
    'udp[18:2] = 50706',
    'udp[20:2] = 2600',
    'udp[42:2] = 50706',
    'udp[44:2] = 2590',
    'udp[50:2] = 8080',
    'udp[46:2] = 50706',
    'udp[48:2] = 2570',
    'udp[52:2] = 40000',
  ]);
});

test('of IPv6 all sixteen bytes are compared', () => {
  const expression = expressionWithin(7, { ...watch, family: 6, source: '2001:2:0:10::30', sourcePort: 80 });
  expect(expression.split(' and ')).toEqual([
    'udp[12:4] >> 8 = 7',
    'udp[28:2] = 34525',
    'udp[30] >> 4 = 6',
    'udp[36] = 6',
    'udp[38:2] = 8193',
    'udp[40:2] = 2',
    'udp[42:2] = 0',
    'udp[44:2] = 16',
    'udp[46:2] = 0',
    'udp[48:2] = 0',
    'udp[50:2] = 0',
    'udp[52:2] = 48',
    'udp[70:2] = 80',
  ]);
});
