import { readFileSync } from 'node:fs';
import { synsAgainIn } from '../../../../bench/tools/syns-again';

test('SYNs that were said again stand below their name', () => {
  const netstat = 'TcpExt: SyncookiesSent TCPSynRetrans Other\nTcpExt: 1 23 4\nIpExt: InNoRoutes\nIpExt: 0\n';
  expect(synsAgainIn(netstat)).toBe(23);
  expect(synsAgainIn(readFileSync('/proc/net/netstat', 'utf8'))).toBeGreaterThanOrEqual(0);
});

test('there are none where nobody counts', () => {
  expect(synsAgainIn('')).toBe(0);
});
