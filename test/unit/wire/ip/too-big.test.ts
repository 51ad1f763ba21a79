import { bareSegment } from '../../../../src/guard/bare-segment';
import { parseAddress } from '../../../../src/wire/address/address';
import { readTooBig } from '../../../../src/wire/ip/too-big';
import { ACK } from '../../../../src/wire/tcp';
import { fragmentationNeeded, packetTooBig } from './too-big-packets';

const HOSTS = {
  4: { client: '198.18.0.1', server: '198.18.1.30', router: '198.18.0.9' },
  6: { client: '2001:2::1', server: '2001:2:0:1::30', router: '2001:2::9' },
} as const;

function aboutOf(family: 4 | 6) {
  const [client, server, router] = Object.values(HOSTS[family]).map((text) => parseAddress(text)!);
  const [from, to] = [
    { address: client!, port: 61_000 },
    { address: server!, port: 8080 },
  ];
  const about = bareSegment({ from, to, sequence: 4_000_000_000, acknowledgment: 7, flags: ACK, ttl: 64 });
  return { about, from: router!, to: client!, client: client!, server: server! };
}

/** As a raw socket has it: of IPv6 without the header before it. */
const told = (family: 4 | 6, mtu_bytes: number, about = aboutOf(family).about): Uint8Array => {
  const { from, to } = aboutOf(family);
  return family === 6
    ? packetTooBig({ about, from, to, mtu_bytes }).subarray(40)
    : fragmentationNeeded({ about, from, to, mtu_bytes });
};

test.each([4, 6] as const)('the connection, the number and the size are read over IPv%i', (family) => {
  const bytes = told(family, 1400);
  const { client, server } = aboutOf(family);
  expect(readTooBig(bytes, bytes.length, family)).toEqual({
    route: { clientAddress: client, clientPort: 61_000, serverAddress: server, serverPort: 8080 },
    sequence: 4_000_000_000,
    mtu_bytes: 1400,
  });
});

test.each([4, 6] as const)(
  'whatever is cut off of it over IPv%i, nothing is read behind its end',
  (family) => {
    const bytes = told(family, 1400);
    const needed = bytes.length - 20 + 8;
    for (let length = 0; length < bytes.length; length += 1)
      expect(readTooBig(bytes.slice(0, length), length, family) !== undefined).toBe(length >= needed);
  },
);

test('less than every link takes is not believed over IPv6, and nothing of a router that gives no size', () => {
  expect(readTooBig(told(6, 1279), 1000, 6)).toBeUndefined();
  expect(readTooBig(told(6, 1280), told(6, 1280).length, 6)).toMatchObject({ mtu_bytes: 1280 });
  expect(readTooBig(told(4, 0), told(4, 0).length, 4)).toBeUndefined();
  expect(readTooBig(told(4, 68), told(4, 68).length, 4)).toMatchObject({ mtu_bytes: 552 });
});

test('behind extension headers the segment is found, and another protocol is nobody of ours', () => {
  const { about } = aboutOf(6);
  const options = Uint8Array.of(6, 0, 1, 4, 0, 0, 0, 0);
  const extended = Uint8Array.from(Buffer.concat([about.subarray(0, 40), options, about.subarray(40)]));
  extended[6] = 60;
  const bytes = told(6, 1400, extended);
  expect(readTooBig(bytes, bytes.length, 6)).toMatchObject({ sequence: 4_000_000_000 });
  const udp = about.slice();
  udp[6] = 17;
  expect(readTooBig(told(6, 1400, udp), bytes.length, 6)).toBeUndefined();
});

test('other messages are not read', () => {
  const unreachable = told(6, 1400);
  unreachable[0] = 1;
  expect(readTooBig(unreachable, unreachable.length, 6)).toBeUndefined();
  const port = told(4, 1400);
  port[21] = 3;
  expect(readTooBig(port, port.length, 4)).toBeUndefined();
});
