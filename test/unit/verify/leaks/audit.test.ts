import { auditLeaks, type LeakKind } from '../../../../lab/verify/leaks/audit';
import { ACK, FIN, PSH, RST, SYN } from '../../../../src/wire/tcp';
import {
  arpRequest,
  capture,
  datagram,
  extended,
  fragment,
  icmp,
  icmpv6,
  ipv6Tcp,
  sentTo,
  tagged,
  tcp,
  udp,
  type TestFrame,
} from '../world/frames';
import { ASSISTANT_HARDWARE, dataLinkScene } from '../world/data-link';
import type { Scene } from '../../../../lab/verify/evidence/scene';
import { CLIENT, ONLINE, scene, TEST } from '../world/scene';

const DIRECT_PORT = 50_001;
/** Options of 8 bytes that are padding (RFC 8200, section 4.2); the first byte is written when it is put in its place. */
const PADDING = [0, 0, 1, 4, 0, 0, 0, 0];
const text = new TextEncoder();
const audit = (...frames: TestFrame[]) => auditLeaks(capture(frames), scene, [DIRECT_PORT]);
const kindsIn = (...frames: TestFrame[]): LeakKind[] => audit(...frames).leaked.map(({ kind }) => kind);

const response = tcp(TEST, CLIENT, { payload: text.encode('HTTP/1.1 200 OK\r\n\r\n') });

describe('a leak is', () => {
  test.each<[string, TestFrame, LeakKind]>([
    ['data from the copied port', response, 'tcp'],
    ['a SYN-ACK', tcp(TEST, CLIENT, { flags: SYN | ACK }), 'tcp'],
    ['a reset', tcp(TEST, CLIENT, { flags: RST }), 'tcp'],
    ['a reset with an acknowledgment', tcp(TEST, CLIENT, { flags: RST | ACK }), 'tcp'],
    ['a FIN', tcp(TEST, CLIENT, { flags: FIN | ACK }), 'tcp'],
    ['a bare acknowledgment', tcp(TEST, CLIENT, { flags: ACK }), 'tcp'],
    ['a segment to an address that is no client of the lab', tcp(TEST, '10.9.8.7:1234'), 'tcp'],
    ['a segment to the broadcast address', tcp(TEST, '198.18.10.255:9'), 'tcp'],
    [
      'data to the address that canaries go to',
      tcp(TEST, '192.0.2.1:9', { flags: RST | ACK, payload: text.encode('x') }),
      'tcp',
    ],
    ['a SYN-ACK to the address that canaries go to', tcp(TEST, '192.0.2.1:9', { flags: SYN | ACK }), 'tcp'],
    ['a first fragment', fragment(response, 0), 'tcp'],
    ['a later fragment, whose ports cannot be seen', fragment(response, 3), 'tcp'],
    [
      'a segment that is cut within its header',
      datagram('198.18.10.30', '198.18.10.10', 6, Uint8Array.of(0x1f, 0x90)),
      'tcp',
    ],
    ['a segment in a VLAN', tagged(response), 'tcp'],
    ['a segment in a VLAN within a VLAN', tagged(tagged(response), 8), 'tcp'],
    ['an ICMP error: port unreachable', icmp('198.18.10.30', '198.18.10.10', 3, 3), 'icmp'],
    ['an ICMP error: time exceeded', icmp('198.18.10.30', '198.18.10.10', 11, 0), 'icmp'],
    ['an ICMP error: redirect', icmp('198.18.10.30', '198.18.10.10', 5, 1), 'icmp'],
    ['an ICMP error in a VLAN', tagged(icmp('198.18.10.30', '198.18.10.10', 3, 1)), 'icmp'],
    ['a segment over IPv6', ipv6Tcp(8080, 40_000), 'tcp-ipv6'],
    ['a segment over IPv6 in a VLAN', tagged(ipv6Tcp(8080, 40_000)), 'tcp-ipv6'],
  ])('%s', (_, frame, kind) => {
    expect(kindsIn(frame)).toEqual([kind]);
  });

  test('not a canary that its rule did not catch', () => {
    for (const nobody of ['192.0.2.1:9', '192.0.2.254:9'])
      expect(kindsIn(tcp(TEST, nobody, { flags: RST | ACK }))).toEqual([]);
  });

  test('each retransmission anew', () => {
    expect(audit(response, response, response).leaked).toHaveLength(3);
  });

  test('found between frames that are none', () => {
    const request = tcp(CLIENT, ONLINE, { payload: text.encode('GET / HTTP/1.1\r\n\r\n') });
    expect(kindsIn(request, tcp(ONLINE, CLIENT), response, request)).toEqual(['tcp']);
  });

  test('told with its time, its receiver and its segment as tcpdump would print it', () => {
    const leaked = audit(tcp(CLIENT, ONLINE), tcp(TEST, CLIENT, { flags: SYN | ACK })).leaked;
    expect(leaked).toEqual([
      {
        kind: 'tcp',
        family: 4,
        name: 'syn-ack',
        time: expect.closeTo(1_700_000_000.001, 5),
        to: '198.18.10.10',
        text: 'IP 198.18.10.30:8080 > 198.18.10.10:40000: Flags [S.], seq 1000, ack 2000, win 500, length 0',
      },
    ]);
    expect(audit(icmp('198.18.10.30', '198.18.10.10', 3, 1)).leaked[0]!.text).toBe(
      'IP 198.18.10.30 > 198.18.10.10: ICMP type 3, code 1',
    );
  });
});

describe('behind routers', () => {
  const [ASSISTANT, ROUTER, CLIENTS] = ['02:00:00:00:00:10', '02:00:00:00:00:11', '02:00:00:00:00:12'];
  const passed = { name: 'router', device: 'eth0', hardware: ROUTER, nexts: {}, tables: {} };
  const by = { sources: ['198.18.10.0/25'], gateways: {}, by: [passed] };
  const routed: Scene = {
    ...scene,
    assistants: [
      { name: 'assistant', address: '198.18.11.40', addresses: ['198.18.11.40'], hardware: ASSISTANT, ...by },
    ],
    routers: [
      {
        name: 'router',
        footholds: [{ network: 'lan', addresses: ['198.18.10.2'], device: 'eth0', hardware: ROUTER }],
      },
    ],
  };
  const leakedTo = (hardware: string) => auditLeaks(capture([sentTo(hardware, response)]), routed, []).leaked;

  test('a response on its way to the assistant is no leak, whoever hands it on', () => {
    expect(leakedTo(ROUTER)).toEqual([]);
    expect(leakedTo(ASSISTANT)).toEqual([]);
  });

  test('what a router lets on to the clients is one', () => {
    expect(leakedTo(CLIENTS)).toHaveLength(1);
  });

  test('without an assistant nothing may come to the router either', () => {
    const traditional = { ...routed, assistants: [] };
    expect(auditLeaks(capture([sentTo(ROUTER, response)]), traditional, []).leaked).toHaveLength(1);
  });
});

describe('beyond TCP and the test server itself, a leak is', () => {
  const HARDWARE = '02:00:00:00:00:02';
  const known = { ...scene, test: { ...scene.test, hardware: HARDWARE } };
  const namesIn = (...frames: TestFrame[]) =>
    auditLeaks(capture(frames), known, []).leaked.map(({ name }) => name);
  /** Of the packet in a frame, the header and the ports that an ICMP error repeats. */
  const about = ({ bytes }: TestFrame, from: string, to: string, type = 3): TestFrame =>
    datagram(from, to, 1, Uint8Array.of(type, 1, 0, 0, 0, 0, 0, 0, ...bytes.subarray(14, 42)));
  const copy = tcp(CLIENT, TEST, { flags: SYN });

  test('an ICMP error about a copy, whoever sends it to the client', () => {
    expect(namesIn(about(copy, '198.18.10.20', '198.18.10.10'))).toEqual(['icmp-unreachable']);
    expect(namesIn(about(response, '198.18.10.1', '198.18.10.10', 5))).toEqual(['icmp-redirect']);
  });

  test('no ICMP error about what the client asked the online server', () => {
    expect(namesIn(about(tcp(CLIENT, ONLINE), '198.18.10.20', '198.18.10.10'))).toEqual([]);
  });

  test('a segment under another address, by the hardware that sent it', () => {
    expect(namesIn(tcp('198.18.10.77:8080', CLIENT))).toEqual(['acknowledgment']);
    expect(audit(tcp('198.18.10.77:8080', CLIENT)).leaked).toEqual([]);
  });

  test('named by its flags, and a retransmission by what was seen before', () => {
    const fin = tcp(TEST, CLIENT, { flags: FIN | ACK });
    const reset = tcp(TEST, CLIENT, { flags: RST | ACK });
    const bare = tcp(TEST, CLIENT, { flags: ACK });
    expect(namesIn(response, fin, reset, bare, response)).toEqual([
      'data',
      'fin',
      'reset',
      'acknowledgment',
      'retransmission',
    ]);
  });

  test('a segment behind IPv6 extension headers', () => {
    expect(namesIn(extended(ipv6Tcp(8080, 40_000), 0, PADDING))).toEqual(['acknowledgment']);
  });

  test('an ICMPv6 error of the test server, while a neighbour solicitation is an exposure', () => {
    const said = (type: number): TestFrame =>
      icmpv6('2001:db8::1', '2001:db8::2', [type, 0], new Uint8Array(16).fill(0x20));
    expect(namesIn(said(1))).toEqual(['icmp-unreachable']);
    expect(auditLeaks(capture([said(135)]), known, [])).toMatchObject({
      leaked: [],
      exposures: [{ kind: 'neighbour-solicitation' }],
    });
  });

  test('told with the VLAN that it is in', () => {
    expect(audit(tagged(response)).leaked[0]!.text).toMatch(/ \(VLAN 7\)$/);
  });
});

describe('no leak is', () => {
  test.each<[string, TestFrame]>([
    ['a request to the online server', tcp(CLIENT, ONLINE)],
    ['an answer of the online server', tcp(ONLINE, CLIENT)],
    ['a copy on its way to the test server', tcp(CLIENT, TEST)],
    ['a response to the passlist', tcp(TEST, `198.18.10.20:${DIRECT_PORT}`)],
    ['a segment of another host from the same port', tcp('198.18.10.40:8080', CLIENT)],
    ['a segment of the test server from another port', tcp('198.18.10.30:36524', CLIENT)],
    ['a datagram of the test server', udp('198.18.10.30', '198.18.10.10', 'a name, perhaps')],
    ['the mark, a broadcast', udp('198.18.10.30', '198.18.10.255', 'tcpcopy-lab mark')],
    ['an ICMP error to the network', icmp('198.18.10.30', '198.18.10.255', 3, 3)],
    ['an ICMP error to everybody', icmp('198.18.10.30', '255.255.255.255', 3, 3)],
    ['an ICMP error to the passlist', icmp('198.18.10.30', '198.18.10.20', 3, 3)],
    ['an ICMP error of another host', icmp('198.18.10.20', '198.18.10.10', 3, 3)],
    ['the answer to a ping', icmp('198.18.10.30', '198.18.10.10', 0, 0)],
    ['a ping', icmp('198.18.10.30', '198.18.10.10', 8, 0)],
    ['a fragment to the passlist', fragment(tcp(TEST, ONLINE), 3)],
    ['a segment over IPv6 from another port', ipv6Tcp(40_000, 8080)],
    ['a frame that is cut within its IPv4 header', { ...response, bytes: response.bytes.subarray(0, 30) }],
    ['a frame that is cut within its Ethernet header', { ...response, bytes: response.bytes.subarray(0, 9) }],
  ])('%s', (_, frame) => {
    expect(audit(frame)).toEqual({ leaked: [], exposures: [] });
  });
});

describe('a copy whose client stands on the passlist', () => {
  const answer = tcp(TEST, '198.18.10.20:51000', { flags: SYN | ACK });
  const refusal = tcp('198.18.10.20:51000', TEST, { flags: RST });

  test('leaks its answers, as the kernel there refuses them', () => {
    expect(kindsIn(answer, refusal, answer)).toEqual(['tcp', 'tcp']);
  });

  test('is told apart from a connection whose client resets it with an acknowledgment', () => {
    expect(kindsIn(answer, tcp('198.18.10.20:51000', TEST, { flags: RST | ACK }))).toEqual([]);
  });

  const says = (flags: number) => tcp('198.18.10.20:51000', TEST, { flags });
  test.each([
    ['a FIN', FIN | ACK],
    ['a reset with an acknowledgment', RST | ACK],
  ])(
    'is told apart from a connection that its client ended by %s, and then refuses what is late',
    (_, end) => {
      expect(kindsIn(says(SYN), answer, says(end), answer, refusal)).toEqual([]);
    },
  );

  test('leaks its answers also from the port of a connection that was ended before', () => {
    expect(kindsIn(says(SYN), says(FIN | ACK), says(SYN), answer, refusal)).toEqual(['tcp']);
  });

  test('is told apart from a refusal by somebody who is not on the passlist', () => {
    const own = tcp('198.18.10.20:51000', TEST, { flags: SYN });
    expect(kindsIn(own, answer, tcp('198.18.10.10:51000', TEST, { flags: RST }))).toEqual([]);
  });

  test('is told apart from this run’s own connections to the test server', () => {
    const own = `198.18.10.20:${DIRECT_PORT}`;
    expect(kindsIn(tcp(TEST, own), tcp(own, TEST, { flags: RST }))).toEqual([]);
  });

  test('makes no leak of the answers in other connections', () => {
    const other = '198.18.10.20:51002';
    expect(kindsIn(tcp(other, TEST), refusal, tcp(TEST, other, { flags: PSH | ACK }))).toEqual([]);
  });

  test('leaks also where nothing refuses it, as there it never spoke', () => {
    expect(kindsIn(tcp(TEST, '198.18.10.20:51000', { flags: RST }))).toEqual(['tcp']);
  });
});

describe('ARP requests', () => {
  test('of the test server for a client are reported apart', () => {
    expect(audit(arpRequest('198.18.10.30', '198.18.10.10'))).toEqual({
      leaked: [],
      exposures: [{ kind: 'arp-request', text: 'ARP who-has 198.18.10.10 tell 198.18.10.30' }],
    });
  });

  test('are seen in a VLAN too', () => {
    expect(audit(tagged(arpRequest('198.18.10.30', '198.18.10.10'))).exposures).toHaveLength(1);
  });

  test('for the online server, of others, and replies are not reported', () => {
    const reply = arpRequest('198.18.10.30', '198.18.10.10');
    reply.bytes[14 + 7] = 2;
    const cut = arpRequest('198.18.10.30', '198.18.10.10');
    const frames = [
      arpRequest('198.18.10.30', '198.18.10.20'),
      arpRequest('198.18.10.10', '198.18.10.20'),
      reply,
      { ...cut, bytes: cut.bytes.subarray(0, 30) },
    ];
    expect(audit(...frames).exposures).toEqual([]);
  });
});

describe('where an assistant takes the responses', () => {
  const client = '198.18.10.130:40000';
  const responses = [tcp(TEST, client), icmp('198.18.10.30', '198.18.10.130', 3, 3)];
  const kinds = (frames: readonly TestFrame[]): LeakKind[] =>
    auditLeaks(capture(frames), dataLinkScene, []).leaked.map(({ kind }) => kind);

  test('a frame on its way to it is none', () => {
    expect(kinds(responses.map((frame) => sentTo(ASSISTANT_HARDWARE, frame)))).toEqual([]);
  });

  test('the same frame to anybody else is one, whoever sent it on', () => {
    expect(kinds(responses)).toEqual(['tcp', 'icmp']);
  });

  test('to its hardware address is a leak where there is no assistant', () => {
    const frames = responses.map((frame) => sentTo(ASSISTANT_HARDWARE, frame));
    expect(auditLeaks(capture(frames), scene, []).leaked).toHaveLength(2);
  });

  test('the test server may ask for its hardware address, and for no client', () => {
    const asked = ['198.18.10.40', '198.18.10.130'].map((target) => arpRequest('198.18.10.30', target));
    expect(auditLeaks(capture(asked), dataLinkScene, []).exposures).toEqual([
      { kind: 'arp-request', text: 'ARP who-has 198.18.10.130 tell 198.18.10.30' },
    ]);
  });
});
