import { emptyCursor, namesIn } from '../../../src/wire/encapsulation/cursor';
import { unwrap } from '../../../src/wire/encapsulation/unwrap';
import { enterFrame, LINKTYPE } from '../../../src/wire/encapsulation/link';
import { packet } from '../capture/packets';
import {
  erspan,
  ETHERTYPE_FRAME,
  ETHERTYPE_IPV6,
  ETHERTYPE_MPLS,
  frame,
  geneve,
  gre,
  GRE,
  greHeader,
  ipv4,
  ipv6,
  joined,
  mpls,
  ppp,
  pppoe,
  tagged,
  udp,
  vxlan,
  vxlanGpe,
} from '../capture/tunnels';

const INNER = packet({ payload: 'GET /' });
const FRAME = frame(INNER);

/** What a walk through a frame finds, and where. */
function walk(bytes: Uint8Array, linkType: number = LINKTYPE.ethernet, captured = bytes.length) {
  const cursor = emptyCursor();
  // Around it stands what must not be read.
  const around = joined(new Uint8Array(3).fill(0x45), bytes, new Uint8Array(64).fill(0x45));
  const end = enterFrame(cursor, around, 3, captured, bytes.length, linkType) ?? unwrap(cursor);
  const { at, what, unwrapped } = cursor;
  const isInner = Buffer.from(around.subarray(at, at + INNER.length)).equals(INNER);
  return { end, isInner, what, names: namesIn(unwrapped).join(' in ') };
}

const sre = Uint8Array.of(0, 2, 0, 4, 10, 0, 0, 9, 0, 0, 0, 0);
const routed = ipv4(47, joined(greHeader(0x0800, GRE.routing), sre, INNER));
const pptp = ipv4(47, joined(Uint8Array.of(0x30, 0x81, 0x88, 0x0b), new Uint8Array(12), ppp(INNER)));
const wccp = ipv4(47, joined(greHeader(0x883e), Uint8Array.of(0, 1, 2, 3), INNER));
const controlled = joined(new Uint8Array(4), FRAME);
const hopByHop = Uint8Array.of(4, 0, 1, 4, 0, 0, 0, 0);
const backbone = frame(joined(Uint8Array.of(0, 0, 0, 9), FRAME), 0x88e7);
const snap = joined(frame(joined(Uint8Array.of(0xaa, 0xaa, 3, 0, 0, 0, 8, 0), INNER), 8 + INNER.length));

describe('TCP over IPv4 is found', () => {
  test.each<[string, Uint8Array, string]>([
    ['in a plain frame', FRAME, ''],
    ['behind LLC and SNAP', snap, ''],
    ['behind a VLAN tag', frame(tagged(INNER), 0x8100), '802.1Q'],
    ['behind a stack of tags', frame(tagged(tagged(tagged(INNER), 0x8100), 0x9100), 0x88a8), '802.1Q'],
    ["in a provider's backbone", backbone, '802.1ah'],
    ['in VXLAN', frame(vxlan(FRAME)), 'VXLAN'],
    ["in VXLAN on Linux's old port", frame(vxlan(FRAME, 8472)), 'VXLAN'],
    ['in VXLAN on any port', frame(vxlan(FRAME, 14_789)), 'VXLAN'],
    ['in VXLAN, a frame with a tag', frame(vxlan(frame(tagged(INNER), 0x8100))), '802.1Q in VXLAN'],
    ['in VXLAN-GPE, a packet', frame(vxlanGpe(INNER, 1)), 'VXLAN'],
    ['in VXLAN-GPE, a frame', frame(vxlanGpe(FRAME, 3)), 'VXLAN'],
    ['in GENEVE', frame(geneve(FRAME)), 'GENEVE'],
    ['in GENEVE with options, a packet', frame(geneve(INNER, 0x0800, new Uint8Array(12))), 'GENEVE'],
    ['in GRE', frame(gre(INNER)), 'GRE'],
    ['in GRE with a key', frame(gre(INNER, 0x0800, GRE.key)), 'GRE'],
    [
      'in GRE with checksum, key and sequence number',
      frame(gre(INNER, 0x0800, GRE.checksum | GRE.key | GRE.sequence)),
      'GRE',
    ],
    ['in GRE with routing', frame(routed), 'GRE'],
    ['in GRE, a frame', frame(gre(FRAME, ETHERTYPE_FRAME)), 'GRE'],
    ['in GRE of PPTP', frame(pptp), 'PPP in GRE'],
    ['in GRE of WCCP', frame(wccp), 'GRE'],
    ['in ERSPAN I', frame(erspan(FRAME, 1)), 'GRE in ERSPAN'],
    ['in ERSPAN II', frame(erspan(FRAME, 2)), 'GRE in ERSPAN'],
    ['in ERSPAN III', frame(erspan(FRAME, 3)), 'GRE in ERSPAN'],
    ['in ERSPAN III with a subheader', frame(erspan(FRAME, 3, { subheader: true })), 'GRE in ERSPAN'],
    ['in ERSPAN III, a packet', frame(erspan(INNER, 3, { ip: true })), 'GRE in ERSPAN'],
    ['in IP', frame(ipv4(4, INNER)), 'IP-in-IP'],
    ['in IPv6', frame(ipv6(4, INNER), ETHERTYPE_IPV6), 'IP-in-IP'],
    ['in IPv6 with an extension header', frame(ipv6(0, INNER, hopByHop), ETHERTYPE_IPV6), 'IP-in-IP'],
    ['in GRE over IPv6', frame(ipv6(47, joined(greHeader(0x0800), INNER)), ETHERTYPE_IPV6), 'GRE'],
    ['in EtherIP', frame(ipv4(97, joined(Uint8Array.of(0x30, 0), FRAME))), 'EtherIP'],
    ['in PPPoE', frame(pppoe(ppp(INNER)), 0x8864), 'PPPoE in PPP'],
    [
      'in PPPoE, its protocol in one byte',
      frame(pppoe(joined(Uint8Array.of(0x21), INNER)), 0x8864),
      'PPPoE in PPP',
    ],
    ['in MPLS', frame(mpls(INNER), ETHERTYPE_MPLS), 'MPLS'],
    ['behind a stack of labels', frame(mpls(INNER, 4), ETHERTYPE_MPLS), 'MPLS'],
    ['in a pseudowire with a control word', frame(mpls(controlled, 2), ETHERTYPE_MPLS), 'MPLS'],
    ['in a pseudowire without one', frame(mpls(FRAME, 2), ETHERTYPE_MPLS), 'MPLS'],
    ['in MPLS over UDP', frame(ipv4(17, udp(6635, mpls(INNER)))), 'MPLS'],
    ['in MPLS over IP', frame(ipv4(137, mpls(INNER))), 'MPLS'],
    [
      'in a mirrored tunnel',
      frame(erspan(frame(vxlan(frame(ipv4(4, INNER)))), 2)),
      'GRE in ERSPAN in VXLAN in IP-in-IP',
    ],
  ])('%s', (_, bytes, names) => {
    expect(walk(bytes)).toEqual({ end: 'tcp', isInner: true, what: '', names });
  });

  test.each<[string, Uint8Array, number]>([
    ['PPP', ppp(INNER), LINKTYPE.ppp],
    ['PPP with address and control', joined(Uint8Array.of(0xff, 3), ppp(INNER)), LINKTYPE.pppHdlc],
    ["Cisco's HDLC among PPP", joined(Uint8Array.of(0x0f, 0, 8, 0), INNER), LINKTYPE.pppHdlc],
    ['PPP behind a direction', joined(Uint8Array.of(1), ppp(INNER)), LINKTYPE.pppWithDirection],
    ['PPPoE without Ethernet', pppoe(ppp(INNER)), LINKTYPE.pppoe],
    ["Cisco's HDLC", joined(Uint8Array.of(0x8f, 0, 8, 0), INNER), LINKTYPE.ciscoHdlc],
    ['MPLS without Ethernet', mpls(INNER), LINKTYPE.mpls],
    ['raw IPv6', ipv6(4, INNER), LINKTYPE.ipv6],
  ])('in a capture of %s', (_, bytes, linkType) => {
    expect(walk(bytes, linkType)).toMatchObject({ end: 'tcp', isInner: true });
  });

  test.each([0x40, 0x60, 0x00])(
    'in a pseudowire whose link addresses begin with %i, as IP or a control word do',
    (first) => {
      const bytes = FRAME.slice();
      bytes[0] = first;
      expect(walk(frame(mpls(bytes), ETHERTYPE_MPLS))).toMatchObject({ end: 'tcp', isInner: true });
    },
  );

  test('where the outer packet is cut off behind the inner header', () => {
    const bytes = frame(vxlan(FRAME));
    expect(walk(bytes, LINKTYPE.ethernet, bytes.length - 3)).toMatchObject({ end: 'tcp', isInner: true });
  });
});

describe('what is no TCP is named', () => {
  const esp = ipv4(50, new Uint8Array(40));
  test.each<[string, Uint8Array, string, string]>([
    ['ARP', frame(new Uint8Array(28), 0x0806), 'not-ip', 'ARP'],
    ['an unknown EtherType', frame(new Uint8Array(28), 0x1234), 'not-ip', 'EtherType 0x1234'],
    ['spanning tree', frame(new Uint8Array(38), 38), 'not-ip', 'LLC'],
    ['UDP', frame(ipv4(17, udp(53, new Uint8Array(20)))), 'not-tcp', 'UDP'],
    ['ICMP', frame(ipv4(1, new Uint8Array(8))), 'not-tcp', 'ICMP'],
    ['another protocol', frame(ipv4(200, new Uint8Array(8))), 'not-tcp', 'IP protocol 200'],
    ['UDP in VXLAN', frame(vxlan(frame(ipv4(17, udp(53, new Uint8Array(9)))))), 'not-tcp', 'UDP'],
    ['ICMPv6', frame(ipv6(58, new Uint8Array(20)), ETHERTYPE_IPV6), 'not-tcp', 'ICMPv6'],
    [
      'a cut header of IPv6',
      frame(ipv6(6, new Uint8Array(20)).subarray(0, 30), ETHERTYPE_IPV6),
      'ipv6-truncated',
      '',
    ],
    ['PPPoE discovery', frame(pppoe(new Uint8Array(20), 9), 0x8863), 'not-ip', 'PPPoE'],
    ['IPsec', frame(esp), 'encapsulation-unsupported', 'IPsec (ESP)'],
    ['IPsec in GRE', frame(gre(esp)), 'encapsulation-unsupported', 'IPsec (ESP)'],
    ['GTP', frame(ipv4(17, udp(2152, new Uint8Array(40)))), 'encapsulation-unsupported', 'GTP-U'],
    ['MACsec', frame(new Uint8Array(40), 0x88e5), 'encapsulation-unsupported', 'MACsec'],
    [
      'NSH in VXLAN',
      frame(vxlanGpe(new Uint8Array(40), 4)),
      'encapsulation-unsupported',
      'VXLAN-GPE of protocol 4',
    ],
    [
      'compressed PPP',
      frame(pppoe(ppp(INNER, 0x00fd)), 0x8864),
      'encapsulation-unsupported',
      'compressed or encrypted PPP',
    ],
    [
      'a pseudowire of ATM',
      frame(mpls(new Uint8Array(60).fill(0x83)), ETHERTYPE_MPLS),
      'encapsulation-unsupported',
      'an MPLS pseudowire of something other than Ethernet',
    ],
  ])('%s', (_, bytes, end, what) => {
    expect(walk(bytes)).toMatchObject({ end, what });
  });

  test('a link type that is not read', () => {
    expect(walk(INNER, 105)).toMatchObject({ end: 'link-type-unknown' });
  });

  test('frames in one another without end', () => {
    let bytes = FRAME;
    for (let depth = 0; depth < 40; depth += 1) bytes = frame(bytes, ETHERTYPE_FRAME);
    expect(walk(bytes)).toMatchObject({ end: 'encapsulation-too-deep' });
  });

  test.each<[string, Uint8Array]>([
    ['VXLAN', frame(vxlan(FRAME))],
    ['GENEVE', frame(geneve(FRAME))],
    ['ERSPAN III', frame(erspan(FRAME, 3, { subheader: true }))],
    ['PPPoE', frame(pppoe(ppp(INNER)), 0x8864)],
    ['MPLS', frame(mpls(INNER, 2), ETHERTYPE_MPLS)],
  ])('%s that is cut off anywhere before the inner header', (_, bytes) => {
    for (let captured = 0; captured <= bytes.length - INNER.length; captured += 1)
      expect(walk(bytes, LINKTYPE.ethernet, captured).end).toMatch(/truncated|not-ip|unsupported/);
  });
});

test('padding behind an outer packet is no part of the inner one', () => {
  const open = INNER.slice();
  open.fill(0, 2, 4); // a total length of 0
  const cursor = emptyCursor();
  const bytes = joined(frame(ipv4(4, open)), new Uint8Array(30));
  expect(enterFrame(cursor, bytes, 0, bytes.length, bytes.length, LINKTYPE.ethernet)).toBeUndefined();
  expect(unwrap(cursor)).toBe('tcp');
  expect(cursor.wireEnd - cursor.at).toBe(INNER.length);
  expect(cursor.end - cursor.at).toBe(INNER.length);
});
