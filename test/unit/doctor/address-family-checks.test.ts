import { diagnose } from '../../../src/doctor/diagnosis';
import type { Connection, Transfer } from '../../../src/doctor/facts';
import { tcpcopyChecks } from '../../../src/doctor/tcpcopy-checks';
import { tcpcopyFacts } from './facts';

type Changes = NonNullable<Parameters<typeof tcpcopyFacts>[0]>;

const [transfer] = tcpcopyFacts().transfers as [Transfer];
/** Whatever address clients use. */
const everywhere: Changes = { transfers: [{ ...transfer, onlineAddress: undefined }] };
const toIpv6: Changes = {
  transfers: [{ ...transfer, onlineAddress: undefined, testAddress: '2001:2::30' }],
};
const connections = (...peers: string[]): Connection[] => peers.map((peer) => ({ localPort: 80, peer }));

const familyFindings = (changes: Changes) =>
  diagnose(tcpcopyChecks, tcpcopyFacts(changes)).filter(({ check }) => check === 'address-family');

test.each<[string, string, string, Changes]>([
  [
    'clients-of-other-family',
    '1 of 2 connections use IPv6',
    '-x: 80-[<IPv6 address of a test server>]:<port>',
    { ...everywhere, clients: connections('2001:db8::2', '10.0.0.1') },
  ],
  [
    'clients-of-other-family',
    '1 of 1 connection use IPv4',
    '-c <ip>,…',
    { ...toIpv6, clients: connections('10.0.0.1') },
  ],
  [
    'clients-of-other-family',
    '2 of 2 connections use IPv6',
    "name this server's IPv4 address",
    { ...everywhere, sourceAddresses: ['2001:2::200'], clients: connections('2001:db8::2', '2001:db8::3') },
  ],
])('%s is named: %s', (cause, evidence, mend, changes) => {
  expect(familyFindings(changes)).toContainEqual(
    expect.objectContaining({
      cause,
      evidence: expect.stringContaining(evidence),
      mend: expect.stringContaining(mend),
    }),
  );
});

test.each<[string, Changes]>([
  [
    'both families, each to a test server of its own',
    {
      transfers: [
        { ...transfer, onlineAddress: undefined, onlineFamily: 4 },
        { ...transfer, onlineAddress: undefined, onlineFamily: 6, testAddress: '2001:2::30' },
      ],
      clients: connections('10.0.0.1', '2001:db8::2'),
    },
  ],
  [
    'both families, under addresses of -c',
    {
      ...everywhere,
      sourceAddresses: ['198.18.10.200'],
      clients: connections('10.0.0.1', '2001:db8::2'),
    },
  ],
  ['an address that -x does not name', { clients: connections('10.0.0.1', '2001:db8::2') }],
  [
    'this machine itself, or its link',
    {
      ...everywhere,
      clients: connections('10.0.0.1', '::1', 'fe80::2'),
    },
  ],
])('clients of %s are nothing to name', (_, changes) => {
  expect(familyFindings(changes)).toMatchObject([{ verdict: 'ok' }]);
});

test('addresses of -c for one test server do not help clients of the other family to another', () => {
  const changes: Changes = {
    transfers: [
      { ...transfer, onlineAddress: undefined, onlineFamily: 4 },
      { ...transfer, onlineAddress: undefined, onlineFamily: 6, testAddress: '2001:2::30' },
    ],
    sourceAddresses: ['198.18.10.200'],
    clients: connections('10.0.0.1', '2001:db8::2'),
  };
  expect(familyFindings(changes)).toMatchObject([
    { cause: 'clients-of-other-family', evidence: expect.stringContaining('1 of 2 connections use IPv6') },
  ]);
});
