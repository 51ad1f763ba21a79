import { availableParallelism } from 'node:os';
import { optionsOf } from '../../../src/intercept/in-workers';
import { parseInterceptOptions } from '../../../src/intercept/options';
import { parseAddress } from '../../../src/wire/address/address';

const parse = (line: string): ReturnType<typeof parseInterceptOptions> =>
  parseInterceptOptions(line.split(' ').filter(Boolean));

describe("intercept's command line", () => {
  test("is the seed document's", () => {
    expect(parse('-x 198.18.10.20 -b 198.18.10.30 -d')).toEqual({
      kind: 'run',
      options: {
        passlist: [parseAddress('198.18.10.20')],
        ownCopies: [],
        guardedPorts: [],
        bindAddress: '198.18.10.30',
        controlPort: 36524,
        peers: undefined,
        guarded: undefined,
        peerEndpoints_max: 256,
        peerRoutes_max: 250_000,
        names: [],
        io: 'auto',
        canary: {},
        compare: undefined,
        caught: { by: 'queue', number: 0, length: undefined },
        daemon: true,
        logFile: undefined,
        pidFile: undefined,
        keyFile: undefined,
        statsEvery_s: undefined,
        metrics: undefined,
        withoutEffect: [],
        workers: 1,
        given: new Map<string, string | true>([
          ['passlist', '198.18.10.20'],
          ['bind', '198.18.10.30'],
          ['daemon', true],
        ]),
      },
    });
  });

  test('needs nothing at all', () => {
    expect(parse('')).toMatchObject({ kind: 'run', options: { passlist: [], bindAddress: undefined } });
  });

  test('excepts ports of addresses on its passlist, from which copies come', () => {
    const address = parseAddress('198.18.10.20');
    expect(
      parse('-x 198.18.10.20 --own-copies 198.18.10.20:61000-61999,198.18.10.20:63000-63999'),
    ).toMatchObject({
      options: {
        ownCopies: [
          { address, ports: { first: 61_000, last: 61_999 } },
          { address, ports: { first: 63_000, last: 63_999 } },
        ],
      },
    });
  });

  test('compares where it is asked to, by the queue behind its own, or by what it captures', () => {
    expect(parse('--compare -Q 4')).toMatchObject({
      options: {
        compare: { queue: 5, out: [], every_s: 60, memory_bytes: 256_000_000, ignore: [], fail: [] },
      },
    });
    expect(
      parse(
        '--compare --compare-queue 9 --compare-out /r/a.html,/r/a.json --compare-ignore header:etag,text',
      ),
    ).toMatchObject({
      options: { compare: { queue: 9, out: ['/r/a.html', '/r/a.json'], ignore: ['header:etag', 'text'] } },
    });
    expect(parse('-i eth0 --compare')).toMatchObject({ options: { compare: { queue: undefined } } });
  });

  test.each([
    ['--compare-out a.json', '--compare-out says something with --compare only'],
    [
      '--compare --compare-out a.txt',
      '--compare-out takes files that end in .html, .json or .xml, not "a.txt"',
    ],
    ['--compare --io packages', '--compare needs packets as the kernel has them'],
    ['--compare --compare-queue 0', '--compare-queue is 0, by which responses are caught (-Q)'],
    ['-i eth0 --compare --compare-queue 3', '--compare-queue is for the test server'],
    ['--compare --compare-ignore nonsense:x', '--compare-ignore'],
    ['--compare --compare-fail often', '--compare-fail'],
  ])('refuses %s', (line, reason) => {
    expect(parse(line)).toEqual({ kind: 'refuse', faults: [expect.stringContaining(reason)] });
  });

  test('puts the rules of ports there itself', () => {
    expect(parse('--guard 8080,9090,8080')).toMatchObject({ options: { guardedPorts: [8080, 9090] } });
    for (const wrong of ['--guard 0', '--guard 8080,', '--guard http', '--guard 8080 -i eth0'])
      expect(parse(wrong)).toMatchObject({ kind: 'refuse' });
  });

  test('bounds what a tcpcopy may copy to, and how much', () => {
    expect(parse('--guarded 198.18.10.30,2001:2::30 --peer-endpoints 3 --peer-routes 1000')).toMatchObject({
      options: {
        guarded: [parseAddress('198.18.10.30'), parseAddress('2001:2::30')],
        peerEndpoints_max: 3,
        peerRoutes_max: 1000,
      },
    });
    for (const wrong of [
      '--guarded test',
      '--peer-endpoints 0',
      '--peer-endpoints 3001',
      '--peer-routes 1000001',
    ])
      expect(parse(wrong)).toMatchObject({ kind: 'refuse' });
  });

  test('names who may connect, and by which names it is called', () => {
    expect(parse('--peers 198.18.10.20,2001:2::20')).toMatchObject({
      options: { peers: [parseAddress('198.18.10.20'), parseAddress('2001:2::20')], keyFile: undefined },
    });
    expect(parse('--key-file /etc/key --name 203.0.113.1:1,[2001:2::1]:2')).toMatchObject({
      options: {
        peers: undefined,
        keyFile: '/etc/key',
        names: [
          { address: parseAddress('203.0.113.1'), port: 1 },
          { address: parseAddress('2001:2::1'), port: 2 },
        ],
      },
    });
  });

  test('with a device or a filter captures at the data link', () => {
    const wishes = { buffer_bytes: undefined, packetMax_bytes: undefined };
    expect(parseInterceptOptions(['-i', 'eth0,eth1', '-F', 'tcp and src port 8080', '-d'])).toMatchObject({
      kind: 'run',
      options: {
        caught: { by: 'capture', devices: ['eth0', 'eth1'], filter: 'tcp and src port 8080', ...wishes },
      },
    });
    expect(parse('-i eth0')).toMatchObject({ options: { caught: { by: 'capture', filter: undefined } } });
    expect(parse('-F tcp')).toMatchObject({ options: { caught: { by: 'capture', devices: undefined } } });
  });

  test.each([
    ['-x is for the test server', '-i eth0 -x 198.18.10.20'],
    ['whose kernel resets it', '-i eth0 --own-copies 198.18.10.20:61000-65535'],
    [
      '--own-copies names 198.18.10.21, which is not on -x',
      '-x 198.18.10.20 --own-copies 198.18.10.21:1024-2000',
    ],
    ['--own-copies takes ip:port-port', '-x 198.18.10.20 --own-copies 198.18.10.20'],
    ['--own-copies takes ip:port-port', '-x 198.18.10.20 --own-copies 198.18.10.20:9-8'],
    ['-Q is for the test server', '-F tcp -Q 1'],
    ['-q is for the test server', '-F tcp -q 100'],
    ['-x takes IP addresses', '-x online'],
    ['-x takes IP addresses', '-x 198.18.10.20,'],
    [
      '-x takes at most 32',
      `-x ${Array.from({ length: 33 }, (_, index) => `198.18.10.${index + 1}`).join(',')}`,
    ],
    ['-b takes an IP address', '-b here'],
    ['-p takes a port', '-p 70000'],
    ['--peers takes IP addresses', '--peers online'],
    ['--name says something with --key-file only', '--name 198.18.10.30:36524'],
    ['--name takes ip:port', '--key-file /key --name 198.18.10.30'],
    ['-Q takes a whole number', '-Q 65536'],
    ['-q takes a whole number', '-q many'],
    ['--workers takes a number from 1 to 16, or auto', '--workers 17'],
    ['--workers takes a number from 1 to 16, or auto', '--workers some'],
    ['--workers shares out what the kernel itself brings', '--workers 2 --io packages'],
    ['--workers has no --compare', '--workers 2 --compare'],
    ['--workers has no --canary but with -i or -F', '--workers 2 --canary 198.18.10.99'],
    ['--workers has no --own-copies', '--workers 2 -x 198.18.10.20 --own-copies 198.18.10.20:61000-65535'],
    ['--workers takes as many ports from -p on', '--workers 2 -p 65535'],
    ['--workers takes as many queues from -Q on', '--workers 2 -Q 65535'],
    ['unknown option -z', '-z'],
  ])('is refused with "%s"', (fault, line) => {
    const command = parse(line);
    expect(command.kind === 'refuse' && command.faults.join('\n')).toContain(fault);
  });

  test('gives each worker a queue and a port of its own, one behind the other', () => {
    const command = parse('--workers 3 -Q 5 -p 4000 --key-file /key --name 203.0.113.9:7000');
    if (command.kind !== 'run') throw new Error(JSON.stringify(command));
    expect(optionsOf(command.options, { index: 2, count: 3 })).toMatchObject({
      caught: { by: 'queue', number: 7 },
      controlPort: 4002,
      names: [{ port: 7002 }],
      io: 'ring',
    });
  });

  test('has as many workers as there are cores, where it is asked to', () => {
    expect(parse('--workers auto')).toMatchObject({
      options: { workers: Math.min(16, availableParallelism()) },
    });
  });
});
