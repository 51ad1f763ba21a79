import { parseAddress } from '../../../src/wire/address/address';
import { connectionsIn } from '../../../src/kernel/connections';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
   1: 1E0A12C6:1F90 0A0A12C6:D431 01 00000000:00000000 02:000A 00000000     0        0 2 2 0
   2: 1E0A12C6:1F90 0A0A12C6:D432 06 00000000:00000000 03:000A 00000000     0        0 0 3 0
   3: 1E0A12C6:1F90 0B0A12C6:0400 03 00000000:00000000 01:000A 00000000     0        0 0 1 0
`;
const TCP6 = `   0: 0000000000000000FFFF00001E0A12C6:1F90 0000000000000000FFFF00000C0A12C6:0401 08 00000000:00000000 00
   1: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:0402 01 00000000:00000000 00
`;

test('connections are read from both files, without those that are silent by themselves', () => {
  const server = { serverAddress: 0xc612_0a1e, serverPort: 8080 };
  const loopback = parseAddress('::1')!;
  expect(connectionsIn(TCP + TCP6)).toEqual([
    { ...server, clientAddress: 0xc612_0a0a, clientPort: 0xd431 },
    { ...server, clientAddress: 0xc612_0a0b, clientPort: 1024 },
    { ...server, clientAddress: 0xc612_0a0c, clientPort: 1025 },
    { serverAddress: loopback, serverPort: 8080, clientAddress: loopback, clientPort: 1026 },
  ]);
});
