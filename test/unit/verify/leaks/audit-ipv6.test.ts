import { auditLeaks, type LeakAudit } from '../../../../lab/verify/leaks/audit';
import { leaksOf } from '../../../../lab/verify/leaks/leaks';
import type { LeakName } from '../../../../lab/verify/leaks/leak-names';
import { formatIpv6, parseIpv6 } from '../../../../src/wire/address/address';
import { ACK, FIN, PSH, RST, SYN } from '../../../../src/wire/tcp';
import { capture, extended, icmpv6, packetIn, tagged, tcp, udp, type TestFrame } from '../world/frames';
import { CLIENT, CLIENT_6, dualScene, ipv6Scene, ONLINE_6, TEST, TEST_6 } from '../world/scene';

const [client, online, server] = [CLIENT_6, ONLINE_6, TEST_6].map((end) => end.slice(1, end.indexOf(']')));
const audit = (...frames: TestFrame[]): LeakAudit => auditLeaks(capture(frames), ipv6Scene, []);
const namesIn = (...frames: TestFrame[]): LeakName[] => audit(...frames).leaked.map(({ name }) => name);
const none: LeakAudit = { leaked: [], exposures: [] };

const response = tcp(TEST_6, CLIENT_6, { payload: Buffer.from('HTTP/1.1 200 OK\r\n\r\n') });
const copy = tcp(CLIENT_6, TEST_6, { flags: SYN });
const DESTINATION_OPTIONS = 60;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const PADDING = [0, 0, 1, 4, 0, 0, 0, 0];
const fragment = (frame: TestFrame, place: number): TestFrame =>
  extended(frame, FRAGMENT, [0, 0, place >>> 8, place & 0xff, 0, 0, 0, 1]);

describe('over IPv6 a leak is', () => {
  test.each<[string, TestFrame, LeakName]>([
    ['data from the copied port', response, 'data'],
    ['a SYN-ACK', tcp(TEST_6, CLIENT_6, { flags: SYN | ACK }), 'syn-ack'],
    ['a FIN', tcp(TEST_6, CLIENT_6, { flags: FIN | ACK }), 'fin'],
    ['a reset', tcp(TEST_6, CLIENT_6, { flags: RST }), 'reset'],
    ['a segment in a VLAN', tagged(response), 'data'],
    ['a segment behind hop-by-hop options', extended(response, 0, PADDING), 'data'],
    ['a segment behind destination options', extended(response, DESTINATION_OPTIONS, PADDING), 'data'],
    [
      'a segment behind a routing header and options',
      extended(extended(response, ROUTING, [0, 0, 4, 0, 0, 0, 0, 0]), 0, PADDING),
      'data',
    ],
    [
      'a segment behind an authentication header, whose length counts otherwise',
      extended(response, AUTHENTICATION, [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
      'data',
    ],
    ['a first fragment', fragment(response, 1), 'fragment'],
    ['a later fragment, whose ports cannot be seen', fragment(response, 3 << 3), 'fragment'],
    [
      'a fragment behind extension headers',
      extended(fragment(response, 3 << 3), DESTINATION_OPTIONS, PADDING),
      'fragment',
    ],
    [
      'a later fragment that begins with another header, as nobody knows what is behind it',
      fragment(extended(response, DESTINATION_OPTIONS, PADDING), 3 << 3),
      'fragment',
    ],
    ['the only fragment of its packet, which is none (RFC 6946)', fragment(response, 0), 'data'],
    ['an error: no route', icmpv6(server!, client!, [1, 0]), 'icmp-unreachable'],
    ['an error: packet too big', icmpv6(server!, client!, [2, 0]), 'icmp-error'],
    ['an error: time exceeded', icmpv6(server!, client!, [3, 0]), 'icmp-time-exceeded'],
    [
      'an error about a copy, whoever sends it',
      icmpv6(online!, client!, [1, 3], packetIn(copy).subarray(0, 48)),
      'icmp-unreachable',
    ],
    [
      'the same about a copy that is behind extension headers',
      icmpv6(online!, client!, [1, 3], packetIn(extended(copy, DESTINATION_OPTIONS, PADDING))),
      'icmp-unreachable',
    ],
    ['a redirect about a response', redirect(online!, client!, response), 'icmp-redirect'],
  ])('%s', (_, frame, name) => {
    expect(audit(frame)).toMatchObject({ leaked: [{ name, family: 6, to: client }], exposures: [] });
  });

  test('told as tcpdump would print it, with its kind', () => {
    expect(audit(tcp(TEST_6, CLIENT_6, { flags: SYN | ACK })).leaked).toMatchObject([
      {
        kind: 'tcp-ipv6',
        text: 'IP6 [2001:2:0:10::30]:8080 > [2001:2:0:10::10]:40000: Flags [S.], seq 1000, ack 2000, win 500, length 0',
      },
    ]);
    expect(audit(icmpv6(server!, client!, [1, 4])).leaked).toMatchObject([
      { kind: 'icmp-ipv6', text: 'IP6 2001:2:0:10::30 > 2001:2:0:10::10: ICMPv6 type 1, code 4' },
    ]);
  });

  test('a retransmission by what was seen before', () => {
    expect(namesIn(response, response)).toEqual(['data', 'retransmission']);
  });
});

/** RFC 4861, section 4.5. */
function redirect(from: string, to: string, about: TestFrame): TestFrame {
  const quoted = packetIn(about).subarray(0, 48);
  const target = Buffer.alloc(32);
  const mtu = Uint8Array.of(5, 1, 0, 0, 0, 0, 5, 0xdc);
  const option = Uint8Array.of(4, 7, 0, 0, 0, 0, 0, 0);
  return icmpv6(from, to, [137, 0], Buffer.concat([target, mtu, option, quoted]));
}

describe('over IPv6 no leak is', () => {
  const direct = '[2001:2:0:10::20]:51000';
  test.each<[string, readonly TestFrame[]]>([
    ['a request, an answer, or a copy', [tcp(CLIENT_6, ONLINE_6), tcp(ONLINE_6, CLIENT_6), copy]],
    ['a response to the passlist', [tcp(direct, TEST_6, { flags: SYN }), tcp(TEST_6, direct)]],
    ['a segment of another host from the same port', [tcp('[2001:2:0:10::40]:8080', CLIENT_6)]],
    ['a canary that its rule did not catch', [tcp(TEST_6, '[100::1]:9', { flags: RST | ACK })]],
    ['a mark', [udp(server!, 'ff02::1', 'tcpcopy-lab mark6')]],
    ['an error to the passlist', [icmpv6(server!, online!, [1, 4])]],
    [
      'an error about what the client asked the online server',
      [icmpv6(online!, client!, [1, 4], packetIn(tcp(CLIENT_6, ONLINE_6)))],
    ],
    ['a ping and its answer', [icmpv6(server!, client!, [128, 0]), icmpv6(server!, client!, [129, 0])]],
    [
      'a packet that is cut within its extension headers',
      [{ bytes: extended(response, DESTINATION_OPTIONS, PADDING).bytes.subarray(0, 57), tcp: undefined }],
    ],
  ])('%s', (_, frames) => {
    expect(audit(...frames)).toEqual(none);
  });

  test('data to the address that canaries go to is one', () => {
    expect(namesIn(tcp(TEST_6, '[100::1]:9', { flags: PSH | ACK, payload: Buffer.from('x') }))).toEqual([
      'data',
    ]);
  });
});

describe('a neighbour solicitation of the test server', () => {
  const asks = (from: string, target: string): TestFrame =>
    icmpv6(from, 'ff02::1:ff00:10', [135, 0], parseIpv6(target));

  test('for a client shows the copy, and carries nothing of it', () => {
    expect(audit(asks(server!, client!))).toEqual({
      leaked: [],
      exposures: [
        {
          kind: 'neighbour-solicitation',
          text: 'ICMPv6 neighbour solicitation, who has 2001:2:0:10::10 tell 2001:2:0:10::30',
        },
      ],
    });
  });

  test('for the online server, for itself, for a link’s own address, without an address, and of others show nothing', () => {
    const frames = [
      asks(server!, online!),
      asks(server!, server!),
      asks('::', client!),
      asks(server!, 'fe80::10'),
      asks(online!, client!),
    ];
    expect(audit(...frames)).toEqual(none);
  });

  test('is known by the hardware, whatever address it comes from', () => {
    const known = { ...ipv6Scene, test: { ...ipv6Scene.test, hardware: '02:00:00:00:00:02' } };
    const frames = capture([asks('fe80::30', client!)]);
    expect(auditLeaks(frames, known, []).exposures).toHaveLength(1);
    expect(auditLeaks(frames, ipv6Scene, []).exposures).toEqual([]);
  });
});

test('of a copy of both families, leaks are told apart by what they came over', () => {
  const tap = {
    name: 'bridge lan',
    place: 'bridge',
    node: undefined,
    families: [4, 6],
    capture: capture([response, tcp(TEST, CLIENT), response]),
    droppedByKernel: 0,
    endedEarly: undefined,
    tcpdumpCounts: {},
  } as const;
  expect(leaksOf([tap], dualScene, [])).toMatchObject({ frames: 3, byFamily: { 4: 1, 6: 2 } });
});

test('addresses are printed as RFC 5952 has it', () => {
  expect(formatIpv6(parseIpv6('2001:2:0:10:0:0:0:30')!, 0)).toBe(server);
});
