import { callAsText, outsideCalls, recordIn } from '../../../lab/fence/outside-call';
import { callOf } from '../../../lab/fence/packet';
import { Recorder } from '../../../lab/fence/record';
import { fenceArguments, fenceOptionsFrom } from '../../../lab/fence/options';
import { rulesFor, rulesOfIpv6 } from '../../../lab/fence/rules';
import { datagram, tcp } from '../verify/world/frames';

const telling = {
  from: 'server of test',
  nodes: new Map([['198.18.10.20', 'online']]),
  allowed: new Set(['telemetry.example']),
};
const TIME = '2026-01-01T00:00:00.000Z';

const pay = { protocol: 'tcp', address: '198.51.100.1', port: 443, name: 'payments.example' } as const;

test('calls are told once each, with how often, and a name that was called is not told as asked for as well', () => {
  const recorder = new Recorder();
  recorder.asked('payments.example', TIME);
  recorder.asked('metrics.example', TIME);
  for (const call of [pay, pay, { protocol: 'tcp', address: '198.18.10.20', port: 80 }])
    recorder.called(call, TIME);
  expect(outsideCalls(telling, recorder.record()).map(callAsText)).toEqual([
    'server of test called payments.example (198.51.100.1), tcp port 443, 2 times',
    'server of test called online (198.18.10.20), tcp port 80, once',
    'server of test asked for metrics.example, once',
  ]);
});

test('of a time, only what came in it is told', () => {
  const recorder = new Recorder();
  recorder.called(pay, TIME);
  const before = recorder.record();
  expect(outsideCalls(telling, recorder.record(), before)).toEqual([]);
  recorder.called(pay, TIME);
  expect(outsideCalls(telling, recorder.record(), before)).toMatchObject([
    { name: 'payments.example', times: 1 },
  ]);
});

test('what is allowed is not told', () => {
  const recorder = new Recorder();
  recorder.asked('telemetry.example', TIME);
  recorder.called({ ...pay, name: 'telemetry.example' }, TIME);
  expect(outsideCalls(telling, recorder.record())).toEqual([]);
});

test('a service that calls everybody fills no memory, and that there was more is told', () => {
  const recorder = new Recorder();
  for (let port = 1; port <= 1_500; port += 1)
    recorder.called({ protocol: 'tcp', address: '203.0.113.9', port }, TIME);
  const calls = outsideCalls(telling, recorder.record());
  expect(calls).toHaveLength(1_001);
  expect(calls.at(-1)).toMatchObject({ name: 'others', times: 500 });
});

test('a record that is not there yet has nothing in it', () => {
  expect(outsideCalls(telling, recordIn(''))).toEqual([]);
});

const packetOf = ({ bytes }: { readonly bytes: Uint8Array }): Buffer => Buffer.from(bytes.subarray(14));
const ipv6 = Buffer.alloc(60);
ipv6[0] = 0x60;
ipv6[6] = 17;
ipv6.set([0x20, 0x01, 0x0d, 0xb8], 24);
ipv6[39] = 7;
ipv6.writeUInt16BE(53, 42);

test.each([
  [
    'a segment',
    packetOf(tcp('198.18.10.30:4000', '203.0.113.9:443')),
    { protocol: 'tcp', address: '203.0.113.9', port: 443 },
  ],
  [
    'an echo request',
    packetOf(datagram('198.18.10.30', '203.0.113.9', 1, Uint8Array.of(8, 0))),
    { protocol: 'icmp', address: '203.0.113.9' },
  ],
  [
    'another protocol',
    packetOf(datagram('198.18.10.30', '203.0.113.9', 132, Uint8Array.of(8, 0))),
    { protocol: 'ip-132', address: '203.0.113.9' },
  ],
  ['a datagram over IPv6', ipv6, { protocol: 'udp', address: '2001:db8::7', port: 53 }],
  [
    'a packet that is cut off',
    packetOf(tcp('198.18.10.30:4000', '203.0.113.9:443')).subarray(0, 12),
    undefined,
  ],
])('%s tells whom it is for', (_what, packet, call) => {
  expect(callOf(packet)).toEqual(call);
});

const options = {
  inside: ['198.19.0.0/27', '198.18.10.30'],
  names: { db: '198.19.0.3' },
  copied: 8080,
  marks: ['198.18.10.255', '198.18.11.255'],
};

test('options are read as they are written', () => {
  expect(fenceOptionsFrom(fenceArguments(options))).toEqual(options);
  expect(() => fenceOptionsFrom([])).toThrow('--inside is missing');
});

test('what the copied port answers passes the fence untouched: it is the guard’s affair', () => {
  const rules = rulesFor(options)
    .split('\n')
    .filter((line) => line.includes('LAB_FENCE'));
  const at = (text: string): number => rules.findIndex((line) => line.includes(text));
  expect(at('--sport 8080 -j RETURN')).toBeGreaterThan(0);
  expect(at('--sport 8080 -j RETURN')).toBeLessThan(at('NFLOG'));
  expect(at('NFLOG')).toBeLessThan(at('REJECT'));
});

test('over IPv6 the same side may be called, and nobody else', () => {
  const six = { inside: ['198.18.10.30', '2001:2:0:10::30'], marks: ['198.18.10.255', 'ff02::1'] };
  const passing = rulesOfIpv6(six)
    .split('\n')
    .filter((line) => line.includes(' -d '));
  expect(passing.map((line) => line.split(' ')[3])).toEqual(['::1/128', '2001:2:0:10::30', 'ff02::1']);
  expect(rulesFor({ ...options, ...six })).not.toContain('2001:2');
});

test('marks pass it on each network that the node is on', () => {
  const passing = rulesFor(options)
    .split('\n')
    .filter((line) => line.includes('--dport 9 -j RETURN'));
  expect(passing.map((line) => line.split(' ')[3])).toEqual(options.marks);
});

test('a call to the copied port of somebody else is refused without a packet that looks like a response', () => {
  const rules = rulesFor(options)
    .split('\n')
    .filter((line) => line.includes('LAB_CALLS'));
  expect(rules.at(-1)).toContain('DNAT --to-destination 127.0.0.1:');
  expect(rules.findIndex((line) => line.includes('-d 198.18.10.30 -j RETURN'))).toBeLessThan(
    rules.length - 2,
  );
});
