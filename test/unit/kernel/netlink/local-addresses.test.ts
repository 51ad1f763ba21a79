import { networkInterfaces } from 'node:os';
import { LocalAddresses, localAddresses } from '../../../../src/kernel/netlink/local-addresses';
import { localRouteIn, type LocalPrefix } from '../../../../src/kernel/netlink/local-routes';
import { parseAddress } from '../../../../src/wire/address/address';

const address = (text: string): number => parseAddress(text)!;
const prefix = (text: string, device: string): LocalPrefix => {
  const [base = '', bits = '32'] = text.split('/');
  return { address: address(base), bits: Number(bits), device };
};

describe('local addresses', () => {
  const local = new LocalAddresses([
    prefix('127.0.0.0/8', 'lo'),
    prefix('127.0.0.1', 'lo'),
    prefix('198.18.10.20', 'eth0'),
    prefix('198.18.12.16/28', 'lo'),
  ]);

  test.each([
    ['198.18.10.20', 'eth0'],
    ['198.18.10.21', undefined],
    ['127.0.0.1', 'lo'],
    ['127.255.0.9', 'lo'],
    ['198.18.12.16', 'lo'],
    ['198.18.12.31', 'lo'],
    ['198.18.12.32', undefined],
    ['255.255.255.255', undefined],
  ])('has %s on %s', (text, device) => {
    expect([local.has(address(text)), local.deviceOf(address(text))]).toEqual([device !== undefined, device]);
  });

  test('tells single addresses apart from prefixes', () => {
    expect(local.single.map(({ text, device, loopback }) => [text, device, loopback])).toEqual([
      ['127.0.0.1', 'lo', true],
      ['198.18.10.20', 'eth0', false],
    ]);
  });

  test('are compared by prefix and device', () => {
    const later = new LocalAddresses([prefix('127.0.0.0/8', 'lo'), prefix('198.18.10.20', 'eth1')]);
    expect(later.without(local)).toEqual([prefix('198.18.10.20', 'eth1')]);
    expect(local.without(later)).toEqual([
      prefix('127.0.0.1', 'lo'),
      prefix('198.18.10.20', 'eth0'),
      prefix('198.18.12.16/28', 'lo'),
    ]);
    expect(local.without(local)).toEqual([]);
  });

  test('are all that this machine tells of its devices that are up', () => {
    const own = localAddresses();
    const told = Object.values(networkInterfaces()).flatMap((entries = []) =>
      entries.filter(({ family }) => family === 'IPv4').map((entry) => entry.address),
    );
    expect(told).toContain('127.0.0.1');
    expect(told.filter((text) => !own.has(address(text)))).toEqual([]);
    expect(own.deviceOf(address('127.0.0.1'))).toBe('lo');
  });
});

describe('a message of rtnetlink', () => {
  /** As Linux 6.18 told it: `local 172.17.0.1 dev docker0 table local proto kernel scope host src 172.17.0.1`. */
  const told = Buffer.from(
    '3c00000018002200000000009c75000002200000ff02fe020000000008000f00ff00000008000100ac110001' +
      '08000700ac1100010800040005000000',
    'hex',
  );
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(told);
    bytes[at] = value;
    return bytes;
  };
  const read = (bytes: Uint8Array) => localRouteIn(bytes, 0, bytes.length);
  const docker0 = { address: address('172.17.0.1'), bits: 32, device: 5 };

  test('is read as the prefix that is local, and its device', () => {
    expect(read(told)).toEqual(docker0);
  });

  test('is read where it stands among others', () => {
    const among = Buffer.concat([told, told]);
    expect(localRouteIn(among, told.length, among.length)).toEqual(docker0);
  });

  test.each([
    ['of another family', 16, 7],
    ['of another type: a broadcast address', 23, 3],
    ['with a prefix of no bits: that would be everybody', 17, 0],
  ])('%s is left out', (_, at, value) => {
    expect(read(changed(at, value))).toBeUndefined();
  });

  test('of another table counts where the kernel made it (for a VRF), not where a program did (TPROXY)', () => {
    const ofVrf = changed(20, 10);
    expect(read(ofVrf)).toEqual(docker0);
    ofVrf[21] = 4; // RTPROT_STATIC
    expect(read(ofVrf)).toBeUndefined();
  });

  test('that is cut off anywhere breaks nothing', () => {
    for (let end = 28; end < told.length; end += 1) expect(localRouteIn(told, 0, end)?.bits ?? 32).toBe(32);
  });
});
