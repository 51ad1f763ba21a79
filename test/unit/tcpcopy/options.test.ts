import { SOURCE_PORTS_DEFAULT } from '../../../src/tcpcopy/options/specs';
import { guardedBy } from '../../../src/tcpcopy/options/intercepts';
import { parseTcpcopyOptions, type TcpcopyOptions } from '../../../src/tcpcopy/options/options';
import { parseAddress } from '../../../src/wire/address/address';

const ONLINE = '198.18.10.20';
const TEST = '198.18.10.30';
/** Another machine's. */
const OTHER = '198.18.10.21';
const local = {
  addresses: new Set([parseAddress(ONLINE)!, parseAddress('127.0.0.1')!]),
  smallestMtu_bytes: 1500,
  exists: (path: string) => path === '/tmp/online.pcap' || path === 'recorded' || path === 'a,b',
  matching: (pattern: string) => (pattern === 'day/*.pcap' ? ['day/1.pcap', 'day/2.pcap'] : []),
};
const CONTROL = 36524;
const parse = (line: string): ReturnType<typeof parseTcpcopyOptions> =>
  parseTcpcopyOptions(line.split(' ').filter(Boolean), local);

function run(line: string): TcpcopyOptions {
  const command = parse(line);
  if (command.kind !== 'run') throw new Error(JSON.stringify(command));
  return command.options;
}

describe("tcpcopy's command line", () => {
  test('says where and how is captured', () => {
    const argv = ['-x', `80-${TEST}:8080`, '-i', 'eth0,eth1', '-F', 'tcp port 80', '-B', '16', '-S', '1500'];
    expect(parseTcpcopyOptions(argv, local)).toMatchObject({
      options: {
        source: {
          kind: 'live',
          capture: {
            devices: ['eth0', 'eth1'],
            filter: 'tcp port 80',
            buffer_bytes: 16 * 2 ** 20,
            packetMax_bytes: 1500,
          },
        },
      },
    });
  });

  test('names a capture file, which may be played on the test server itself', () => {
    const onTestServer = { ...local, addresses: new Set([parseAddress(TEST)!]) };
    const played = (line: string): unknown =>
      parseTcpcopyOptions(`-x 80-${TEST}:80 ${line}`.split(' '), onTestServer);
    expect(played('-i /tmp/online.pcap')).toMatchObject({
      options: {
        source: {
          kind: 'replay',
          files: ['/tmp/online.pcap'],
          speed: 1,
          silenceMax_ms: Infinity,
          times: 1,
        },
        intercepts: [{ host: TEST, port: 36524 }],
      },
    });
    expect(played('-i recorded -a 2.5 -I 100 -T 3')).toMatchObject({
      options: { source: { speed: 2.5, silenceMax_ms: 100, times: 3 } },
    });
    expect(played('-i /tmp/other -T 2')).toMatchObject({
      faults: ['-i names /tmp/other, and there is no such file'],
    });
    expect(played('-i other.pcapng')).toMatchObject({ kind: 'refuse' });
    expect(played('-i recorded -F tcp')).toMatchObject({ kind: 'refuse' });
    expect(parse(`-x 80-${TEST}:80 -i eth0 -a 2`)).toMatchObject({
      faults: ['-a is for capture files: name one with -i'],
    });
    expect(parse(`-x 80-${TEST}:80 -i recorded -a 0`)).toMatchObject({ kind: 'refuse' });
  });

  test('names several capture files, a pattern of them, or standard input', () => {
    const filesOf = (line: string): unknown => {
      const { source } = run(`-x 80-${TEST}:8080 ${line}`);
      return source.kind === 'replay' ? source.files : undefined;
    };
    expect(filesOf('-i /tmp/online.pcap,recorded')).toEqual(['/tmp/online.pcap', 'recorded']);
    expect(filesOf('-i day/*.pcap')).toEqual(['day/1.pcap', 'day/2.pcap']);
    expect(filesOf('-i day/*.pcap,recorded')).toEqual(['day/1.pcap', 'day/2.pcap', 'recorded']);
    expect(filesOf('-i recorded,recorded')).toEqual(['recorded']);
    expect(filesOf('-i a,b')).toEqual(['a,b']);
    expect(filesOf('-i -')).toEqual(['-']);
    expect(filesOf('-i eth0,eth1')).toBeUndefined();
    expect(filesOf('-i eth0.100')).toBeUndefined();
  });

  test.each([
    ['-i recorded,eth0', 'names files, and eth0, of which there is none'],
    ['-i week/*.pcap', 'names week/*.pcap, and no file fits that'],
    ['-i online.pcap3', 'names online.pcap3, and there is no such file'],
    ['-i online.pcapng.gz', 'there is no such file'],
    ['-i -,recorded', 'names standard input, -, which is played alone'],
    ['-i - -T 2', '-T needs a file: standard input can be read once only'],
    ['-i - -d', '-d leaves standard input behind, which -i - reads'],
  ])('refuses %s', (line, reason) => {
    expect(parse(`-x 80-${TEST}:8080 ${line}`)).toMatchObject({
      kind: 'refuse',
      faults: expect.arrayContaining([expect.stringContaining(reason)]),
    });
  });

  test("is the seed document's, with the online server's own address behind -s", () => {
    expect(run(`-x 80-${TEST}:8080 -s ${ONLINE} -d`)).toEqual({
      engine: {
        transfers: [
          { onlineAddress: undefined, onlinePort: 80, testAddress: parseAddress(TEST), testPort: 8080 },
        ],
        gradual: false,
        wholeConnectionsOnly: false,
        repeatsDoubtful: false,
        waitForAnswers: true,
        mtu_bytes: 1500,
      },
      intercepts: [{ host: TEST, port: 36524 }],
      mtuIsGiven: false,
      serverReading: 'own-address',
      source: {
        kind: 'live',
        io: 'auto',
        nice: 5,
        coalescing: 'prompt',
        overload: 'leave-out',
        mirrored: false,
        responses: false,
        compared: 0,
        capture: {
          devices: undefined,
          filter: undefined,
          buffer_bytes: undefined,
          packetMax_bytes: undefined,
        },
      },
      inject: { device: undefined, linkAddresses: new Map() },
      daemon: true,
      logFile: undefined,
      pidFile: undefined,
      keyFile: undefined,
      statsEvery_s: undefined,
      metrics: undefined,
      withoutEffect: [],
      workers: 1,
      given: new Map<string, string | true>([
        ['transfer', `80-${TEST}:8080`],
        ['server', ONLINE],
        ['daemon', true],
      ]),
    });
  });

  test('takes -s as the list of intercepts when the addresses are not its own', () => {
    expect(run(`-x 80-${TEST}:8080 -s 198.18.10.40,198.18.10.41:4000 -p 5000`)).toMatchObject({
      intercepts: [
        { host: '198.18.10.40', port: 5000 },
        { host: '198.18.10.41', port: 4000 },
      ],
      serverReading: 'intercepts',
    });
  });

  test("takes -s as the online server's own address when -x copies from it, be it here or not", () => {
    const later = '198.18.10.77';
    for (const more of ['', '--mirror -i eth1'])
      expect(run(`-x ${later}:80-${TEST}:8080 -s ${later} ${more}`)).toMatchObject({
        intercepts: [{ host: TEST, port: 36524 }],
        serverReading: 'own-address',
      });
  });

  test('captures responses as well where it is asked to', () => {
    const transfer = `-x 80-${TEST}:8080`;
    expect(run(`--responses ${transfer}`).source).toMatchObject({ kind: 'live', responses: true });
  });

  test.each([
    ['100%', 10_000],
    ['5', 500],
    ['0.25%', 25],
  ])('compares %s of the copied connections where it is asked to', (share, compared) => {
    expect(run(`--compare ${share} -x 80-${TEST}:8080`).source).toMatchObject({ kind: 'live', compared });
  });

  test('copies what a mirror port brings where it is told the device and the servers', () => {
    expect(run(`--mirror -i eth1 -x ${OTHER}:80-${TEST}:8080`).source).toMatchObject({
      mirrored: true,
      capture: { devices: ['eth1'] },
    });
  });

  test.each([
    [
      `--mirror -x ${OTHER}:80-${TEST}:8080`,
      '--mirror needs the device that the switch sends the packets to',
    ],
    [`--mirror -i any -x ${OTHER}:80-${TEST}:8080`, '--mirror needs the device'],
    [`--responses --io packages -x 80-${TEST}:8080`, '--responses captures by the kernel itself'],
    [`--compare 5% --io packages -x 80-${TEST}:8080`, '--compare captures by the kernel itself'],
    [`--compare 0 -x 80-${TEST}:8080`, '--compare takes a share of the connections'],
    [`--compare 101% -x 80-${TEST}:8080`, '--compare takes a share of the connections'],
    [`--compare 5% -i recorded -x 80-${TEST}:8080`, 'call tcpcopy compare'],
    [
      `--mirror -i eth1 -x 80-${TEST}:8080`,
      '--mirror needs the address of the copied server in -x: <address>:80-',
    ],
    [`--mirror -i eth1 -x ${ONLINE}:80-${TEST}:8080`, `and ${ONLINE} is this one's`],
    [`--mirror -i recorded -x ${OTHER}:80-${TEST}:8080`, '--mirror is for live traffic'],
    [
      `--mirror -i eth1 -x ${OTHER}:80-${OTHER}:80`,
      `${OTHER} as the test server, which is the online server`,
    ],
    [`-x ${OTHER}:80-${OTHER}:8080`, 'which is the online server'],
  ])('refuses %s', (line, reason) => {
    expect(parse(line)).toMatchObject({ kind: 'refuse', faults: [expect.stringContaining(reason)] });
  });

  test('takes addresses of either family, those of IPv6 in brackets', () => {
    const { engine, intercepts, inject } = run('-x [2001:2::20]:80@02:42:c6:12:0a:1e-[2001:2::30]:8080');
    const [online, test] = [parseAddress('2001:2::20'), parseAddress('2001:2::30')!];
    expect(engine.transfers).toEqual([
      { onlineAddress: online, onlinePort: 80, testAddress: test, testPort: 8080 },
    ]);
    expect(intercepts.map(({ host }) => host)).toEqual(['2001:2::30']);
    expect(inject.linkAddresses.has(test)).toBe(true);
  });

  test('copies each family to a test server of its own where one is given for each', () => {
    const { engine } = run(`-x 80-[2001:2::30]:8080,80-${TEST}:8080,81-${TEST}:81`);
    expect(engine.transfers.map(({ onlineFamily }) => onlineFamily)).toEqual([6, 4, undefined]);
  });

  test.each([
    ['2001:2::30', '2001:2::30', CONTROL],
    ['[2001:2::30]', '2001:2::30', CONTROL],
    ['[2001:2:0::30]:9000', '2001:2::30', 9000],
  ])('takes the intercept -s %s', (text, host, port) => {
    expect(run(`-x 80-[2001:2::30]:8080 -s ${text}`).intercepts).toEqual([{ host, port }]);
  });

  test('takes several transfers and asks each test server once', () => {
    const { engine, intercepts } = run(`-x 80-${TEST}:8080,${ONLINE}:81-${TEST}:81,82-198.18.10.31:82`);
    expect(engine.transfers).toHaveLength(3);
    expect(engine.transfers[1]).toMatchObject({ onlineAddress: parseAddress(ONLINE) });
    expect(intercepts.map(({ host }) => host)).toEqual([TEST, '198.18.10.31']);
  });

  test('has every test server guarded, by its own intercept or by those elsewhere', () => {
    const two = `-x 80-${TEST}:8080,81-198.18.10.31:81`;
    const { intercepts, engine } = run(`${two} -s ${TEST},198.18.10.40`);
    expect(
      intercepts.map((one) => guardedBy(one, intercepts, engine.transfers).map(({ port }) => port)),
    ).toEqual([[8080], [81]]);
    expect(run(`${two} -s 198.18.10.40,198.18.10.41`).intercepts).toHaveLength(2);
    expect(parse(`${two} -s ${TEST}`)).toMatchObject({
      faults: [expect.stringContaining('no intercept for the test server 198.18.10.31')],
    });
    expect(parse(`-x 80-${TEST}:8080 -s ${TEST},198.18.10.40`)).toMatchObject({
      faults: [expect.stringContaining('no test server to guard')],
    });
  });

  test('takes the link addresses that frames come from and go to, as the original does', () => {
    const { engine, inject } = run(`-x 80@0:c:29:4a:4d:9a-${TEST}:8080@00:0c:29:11:22:33 -o eth1`);
    expect(engine.transfers).toHaveLength(1);
    expect(inject).toEqual({
      device: 'eth1',
      linkAddresses: new Map([
        [
          parseAddress(TEST),
          {
            source: Uint8Array.of(0x00, 0x0c, 0x29, 0x4a, 0x4d, 0x9a),
            destination: Uint8Array.of(0x00, 0x0c, 0x29, 0x11, 0x22, 0x33),
          },
        ],
      ]),
    });
    expect(run(`-x 80-${TEST}:8080@2:0:0:0:0:1`).inject.linkAddresses.get(parseAddress(TEST)!)).toEqual({
      source: undefined,
      destination: Uint8Array.of(2, 0, 0, 0, 0, 1),
    });
  });

  test.each([
    [`-x 80-${TEST}:8080@2:0:0:0:1`, 'is no link address'],
    [`-x 80@eth0-${TEST}:8080`, 'is no link address'],
    [`-x 80-${TEST}:8080@2:0:0:0:0:1,81-${TEST}:81@2:0:0:0:0:2`, 'two different link addresses'],
    [`-x 80-${TEST}:8080 -o eth0 --io packages`, 'which --io packages cannot'],
  ])('refuses %s', (line, reason) => {
    expect(parse(line)).toMatchObject({ kind: 'refuse', faults: [expect.stringContaining(reason)] });
  });

  test('takes every option of the original, in its own words and in longer ones', () => {
    const short = `-x 80-${TEST}:8080 -r 20 -g -n 2 -O -c 10.0.0.1,10.0.0.2 -H 10.0.0.9 -f 3 -W -t 5 -k 60 -m 64 -M 1400 -D 1300`;
    const long =
      `--transfer 80-${TEST}:8080 --percentage 20 --gradual --multiply 2 --whole-connections --source 10.0.0.1,10.0.0.2 ` +
      '--loopback-source 10.0.0.9 --port-shift 3 --no-wait --response-timeout 5 --idle-timeout 60 --memory 64 --mtu 1400 --mss 1300';
    expect(run(short)).toEqual(run(long));
    expect(run(short).engine).toMatchObject({
      percentage: 20,
      gradual: true,
      copies: 2,
      wholeConnectionsOnly: true,
      sourceAddresses: [0x0a000001, 0x0a000002],
      loopbackAddress: 0x0a000009,
      portShift: 3,
      waitForAnswers: false,
      response_ms: 5000,
      idle_ms: 60_000,
      memory_bytes: 64 * 2 ** 20,
      mtu_bytes: 1400,
      segment_bytes: 1300,
    });
  });

  test('names each option that has no effect, and why', () => {
    const { withoutEffect } = run(`-x 80-${TEST}:8080 -L -C 4 -R 10 -U 2`);
    expect(withoutEffect.map(({ option }) => option)).toEqual(['-L', '-C', '-R', '-U']);
    for (const { reason } of withoutEffect) expect(reason.length).toBeGreaterThan(20);
  });

  test('takes a.b.c.x for the 254 addresses of a network', () => {
    const { sourceAddresses } = run(`-x 80-${TEST}:8080 -c 10.1.2.x`).engine;
    expect(sourceAddresses).toHaveLength(254);
    expect([sourceAddresses![0], sourceAddresses![253]]).toEqual([0x0a010201, 0x0a0102fe]);
  });

  test('gives copies under an address of this machine ports of their own, by the link layer alone', () => {
    const { engine, inject } = run(`-x 80-${TEST}:8080 -s ${ONLINE} -c ${ONLINE}`);
    const addresses = [parseAddress(ONLINE)!];
    expect(engine).toMatchObject({
      sourceAddresses: addresses,
      own: { addresses, ports: SOURCE_PORTS_DEFAULT },
    });
    expect(inject.linkOnly).toEqual([parseAddress(TEST)]);
    const other = run(`-x 80-${TEST}:8080 -c ${ONLINE},10.0.0.1 --source-ports 62000-62999`);
    expect(other.engine.own).toEqual({ addresses, ports: { first: 62_000, last: 62_999 } });
    expect(run(`-x 80-${TEST}:8080 -c 10.0.0.1`)).not.toHaveProperty('engine.own');
  });

  test("sends packets no larger than this machine's devices take", () => {
    const small = parseTcpcopyOptions(['-x', `80-${TEST}:8080`], { ...local, smallestMtu_bytes: 1450 });
    expect(small).toMatchObject({ options: { engine: { mtu_bytes: 1450 } } });
    const jumbo = parseTcpcopyOptions(['-x', `80-${TEST}:8080`], { ...local, smallestMtu_bytes: 9000 });
    expect(jumbo).toMatchObject({ options: { engine: { mtu_bytes: 1500 } } });
  });

  test('serves metrics on the loopback address unless told otherwise', () => {
    expect(run(`-x 80-${TEST}:8080 --metrics 9100 --stats 5`)).toMatchObject({
      metrics: { host: '127.0.0.1', port: 9100 },
      statsEvery_s: 5,
    });
    expect(run(`-x 80-${TEST}:8080 --metrics 10.0.0.1:9100`).metrics).toEqual({
      host: '10.0.0.1',
      port: 9100,
    });
  });

  test.each([
    ['-r takes a whole number from 1 to 100', `-x 80-${TEST}:8080 -r 0`],
    ['-r takes a whole number from 1 to 100', `-x 80-${TEST}:8080 -r 20%`],
    ['-n takes a whole number from 1 to 1023', `-x 80-${TEST}:8080 -n 1024`],
    ['-c takes IP addresses without a zone, or a.b.c.x', `-x 80-${TEST}:8080 -c 10.0.0.1,10.0.0.1`],
    ['-c takes IP addresses without a zone, or a.b.c.x', `-x 80-${TEST}:8080 -c 10.0.300.x`],
    ['the kernel resets it', `-x 80-${TEST}:8080 -s 198.18.10.40 -c ${ONLINE}`],
    ['sends at the data link, which --io packages cannot', `-x 80-${TEST}:8080 -c ${ONLINE} --io packages`],
    ['--source-ports is for copies under an address', `-x 80-${TEST}:8080 --source-ports 61000-62000`],
    [
      '--source-ports is for copies under an address',
      `-x 80-${TEST}:8080 -c 10.0.0.1 --source-ports 61000-62000`,
    ],
    [
      '--source-ports takes a range of ports from 1024 on',
      `-x 80-${TEST}:8080 -c ${ONLINE} --source-ports 80-99`,
    ],
    ['--source-ports takes a range of ports', `-x 80-${TEST}:8080 -c ${ONLINE} --source-ports 61000`],
    ['-M takes a whole number', `-x 80-${TEST}:8080 -M 100`],
    ['-C takes a whole number', `-x 80-${TEST}:8080 -C many`],
    ['--metrics takes [ip:]port', `-x 80-${TEST}:8080 --metrics 99999`],
    ['--stats takes a whole number', `-x 80-${TEST}:8080 --stats 0`],
    ['-x is missing', ''],
    ['the form is', '-x 80'],
    ['the form is', '-x 80-198.18.10.30'],
    ['"0" is no port', `-x 0-${TEST}:80`],
    ['"99999" is no port', `-x 80-${TEST}:99999`],
    ['"198.18.10.300" is no IP address', '-x 80-198.18.10.300:80'],
    ['is a multicast address', '-x 80-224.0.0.1:80'],
    ['is a multicast address', '-x 80-[ff02::1]:80'],
    ['is no address of a server', '-x 80-[::]:80'],
    ['an IPv6 address stands in brackets', '-x 80-2001:2::30:80'],
    ['(one of IPv6 stands in brackets', '-x 80-[2001:2::g]:80'],
    ['is an address of IPv4: write 198.18.10.30', '-x 80-[198.18.10.30]:80'],
    ['is an address of IPv4: write 198.18.10.30', '-x 80-[::ffff:198.18.10.30]:80'],
    ['-c names fe80::7, an address of one link only', '-x 80-[2001:2::30]:80 -c fe80::7'],
    ['-c takes IP addresses without a zone', '-x 80-[2001:2::30]:80 -c fe80::7%eth0'],
    ['has a zone', '-x 80-[fe80::1%eth0]:80'],
    ['is an address of one link only', '-x 80-[fe80::1]:80'],
    ['*:80 over IPv6 twice', `-x 80-[2001:2::30]:80,80-[2001:2::31]:80,80-${TEST}:80`],
    ['-s takes ip[:port]', `-x 80-${TEST}:8080 -s 2001:2::30:x`],
    ['is reserved or a broadcast address', '-x 80-255.255.255.255:80'],
    ['which is this machine itself', `-x 80-${ONLINE}:8080`],
    ['twice', `-x 80-${TEST}:8080,80-${TEST}:8081`],
    ['twice', `-x 80-${TEST}:8080,${ONLINE}:80-${TEST}:8081`],
    ['-s takes ip[:port]', `-x 80-${TEST}:8080 -s test`],
    ['-s names 198.18.10.40 twice', `-x 80-${TEST}:8080 -s 198.18.10.40,198.18.10.40`],
    ['-s mixes', `-x 80-${TEST}:8080 -s 198.18.10.40,${ONLINE}`],
    ['-p takes a port', `-x 80-${TEST}:8080 -p 0`],
    ['--io takes', `-x 80-${TEST}:8080 --io fast`],
    ['--nice takes a whole number from 0 to 19', `-x 80-${TEST}:8080 --nice -5`],
    ['--coalesce takes a whole number from 0 to 10000', `-x 80-${TEST}:8080 --coalesce 10001`],
    [
      '--coalesce handles packets that come from the kernel itself',
      `-x 80-${TEST}:8080 --io packages --coalesce 5`,
    ],
    ['unknown option -Z', `-x 80-${TEST}:8080 -Z`],
  ])('is refused with "%s": %s', (fault, line) => {
    const command = parse(line);
    expect(command.kind === 'refuse' && command.faults.join('\n')).toContain(fault);
  });

  test('is refused for all its faults at once', () => {
    const command = parse('-x 80 -p 0 -Z');
    expect(command.kind === 'refuse' && command.faults.length).toBe(3);
  });

  test.each(['-h', '--help', '-v'])('prints and starts nothing for %s', (line) => {
    expect(parse(line).kind).toBe('print');
  });
});
