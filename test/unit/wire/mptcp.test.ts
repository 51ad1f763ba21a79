import { mptcpToken, readMptcp } from '../../../src/wire/mptcp';
import { ACK, emitTcp, SYN } from '../../../src/wire/tcp';

/** A TCP header with these options, in hexadecimal. */
function withOptions(options: string, flags = SYN): Uint8Array {
  const bytes = Buffer.from(options.replaceAll(' ', ''), 'hex');
  const segment = new Uint8Array(20 + Math.ceil(bytes.length / 4) * 4);
  emitTcp(segment, 0, {
    sourcePort: 1,
    destinationPort: 2,
    sequence: 0,
    acknowledgment: 0,
    headerLength: segment.length,
    flags,
    window: 0,
  });
  segment.set(bytes, 20);
  return segment;
}

const read = (options: string, flags?: number) => readMptcp(withOptions(options, flags), 0);

// A connection between two sockets of Linux 6.18, as it was on the wire.
const CLIENT_KEY = 0x8803_1b26_5ed9_d077n;
const SERVER_KEY = 0x83dc_3dbb_5d58_6393n;
const HANDSHAKE = '0101080a933da8d5060c7865';

describe('the option of Multipath TCP', () => {
  test("in a client's SYN of version 1 has no key", () => {
    expect(read('0204ffd7 0402080a933da8d500000000 0103030a 1e040101')).toEqual({
      kind: 'capable',
      version: 1,
      senderKey: undefined,
      receiverKey: undefined,
    });
  });

  test("in the server's answer has the server's", () => {
    const option = read('0204ffd7 0402080a060c7865933da8d5 0103030a 1e0c010183dc3dbb5d586393', SYN | ACK);
    expect(option).toMatchObject({ senderKey: SERVER_KEY, receiverKey: undefined });
  });

  test.each([
    ['acknowledgment', '1e14010188031b265ed9d07783dc3dbb5d586393'],
    ['first words', '1e16010188031b265ed9d07783dc3dbb5d58639300010101'],
  ])("in the client's %s has both", (_, option) => {
    expect(read(HANDSHAKE + option, ACK)).toEqual({
      kind: 'capable',
      version: 1,
      senderKey: CLIENT_KEY,
      receiverKey: SERVER_KEY,
    });
  });

  test('of version 0 has a key in the SYN already', () => {
    expect(read('1e0c 00 81 1d1d3a4b5c6d7e8f')).toMatchObject({
      version: 0,
      senderKey: 0x1d1d_3a4b_5c6d_7e8fn,
    });
  });

  test('by which a subflow joins names the connection in its SYN, and not later', () => {
    expect(read('1e0c 10 02 ed20edcf 01020304')).toEqual({ kind: 'join', token: 0xed20_edcf });
    expect(read('1e10 10 02 0102030405060708 01020304', SYN | ACK)).toEqual({
      kind: 'join',
      token: undefined,
    });
    expect(read(`1e18 10 02 ${'00'.repeat(20)}`, ACK)).toEqual({ kind: 'join', token: undefined });
  });

  test('of a connection that has begun is another one', () => {
    expect(read(`${HANDSHAKE} 1e0c200325d1f38c73105861`, ACK)).toEqual({ kind: 'other', subtype: 2 });
  });

  test.each([
    ['no option', ''],
    ['others only', '0204ffd7 0402 0101'],
    ['one that is too short', '1e02 0101'],
    ['one that is longer than the header', '1e14 0101 88031b26'],
  ])('is not there where there is %s', (_, options) => {
    expect(read(options)).toBeUndefined();
  });
});

describe('the token of a key', () => {
  test('is the one that Linux gives its connections, in version 1', () => {
    expect(mptcpToken(SERVER_KEY, 1)).toBe(0xed20_edcf);
    expect(mptcpToken(CLIENT_KEY, 1)).toBe(0xd546_b756);
  });

  // Keys and tokens of connections in the example of github.com/gureya/mptcp-assignment.
  test.each([
    [2097874973131745533n, 3453009450],
    [14232633393355152416n, 1187499290],
    [983142155943229432n, 3611618124],
    [6234784353306747016n, 2308765430],
  ])('is that of RFC 6824 in version 0: %i', (key, token) => {
    expect(mptcpToken(key, 0)).toBe(token);
  });
});
