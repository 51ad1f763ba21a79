/**
 * From a captured frame to the innermost IP packet: link headers, tags and tunnels are taken off one by one, whatever is in
 * whatever, as deep as it goes. What cannot be taken off is named.
 */
import { ETHERTYPE, takeOff, unsupported, type Cursor, type WalkFault } from './cursor';
import { LENGTH_MAX, passEthernet, passLlc, passVlanTag } from './ethernet';
import { passIpv4, passIpv6, type WalkEnd } from './ip';
import { passMpls } from './mpls';
import { passPpp, passPppoe } from './ppp';

/** More headers than this in one another are somebody's joke. */
const HEADERS_MAX = 32;
/** Priority and service before the frame (802.1ah). */
const BACKBONE_TAG_BYTES = 4;

/** Not taken off. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  0x22f3: 'TRILL',
  0x88e5: 'MACsec',
  0x8903: 'FabricPath',
  0x894f: 'NSH',
};
const NAMES: Readonly<Record<number, string>> = {
  0x0806: 'ARP',
  0x8035: 'RARP',
  0x8809: 'LACP',
  0x8863: 'PPPoE',
  0x888e: 'EAPOL',
  0x88cc: 'LLDP',
  0x88f7: 'PTP',
  0x8902: 'CFM',
};

/** Walks on from the cursor, which stands at a header of its `type`, and stays where the walk ends. */
export function unwrap(cursor: Cursor): WalkEnd {
  for (let headers = 0; headers < HEADERS_MAX; headers += 1) {
    const end = step(cursor);
    if (end !== undefined) return end;
  }
  cursor.what = 'headers in one another';
  return 'encapsulation-too-deep';
}

function step(cursor: Cursor): WalkEnd | undefined {
  switch (cursor.type) {
    case ETHERTYPE.ipv4:
      return passIpv4(cursor);
    case ETHERTYPE.ipv6:
      return passIpv6(cursor);
    case ETHERTYPE.vlan:
    case ETHERTYPE.vlanOfProvider:
    case ETHERTYPE.vlanOfOld:
      return passVlanTag(cursor);
    case ETHERTYPE.ethernet:
      return passEthernet(cursor);
    case ETHERTYPE.providerBackbone:
      return takeOff(cursor, '802.1ah', BACKBONE_TAG_BYTES, ETHERTYPE.ethernet);
    case ETHERTYPE.mpls:
    case ETHERTYPE.mplsMulticast:
      return passMpls(cursor);
    case ETHERTYPE.pppoeSession:
      return passPppoe(cursor);
    case ETHERTYPE.ppp:
      return passPpp(cursor);
    default:
      return cursor.type <= LENGTH_MAX ? passLlc(cursor) : other(cursor);
  }
}

function other(cursor: Cursor): WalkFault {
  const name = UNSUPPORTED[cursor.type];
  if (name !== undefined) return unsupported(cursor, name);
  cursor.what = NAMES[cursor.type] ?? `EtherType 0x${cursor.type.toString(16).padStart(4, '0')}`;
  return 'not-ip';
}
