/** The leak audit of one capture: every frame that the copy caused and that got past the guard. */
import { ipv4Destination, ipv4Protocol, ipv4Source, IP_PROTOCOL_TCP } from '../../../src/wire/ip/ipv4';
import { formatAddress, parseAddress } from '../../../src/wire/address/address';
import { formatSegment } from '../../../src/wire/print';
import type { SegmentView } from '../../../src/wire/segment';
import { ACK, RST } from '../../../src/wire/tcp';
import {
  ETHERTYPE_ARP,
  ETHERTYPE_IPV6,
  ethernetDestination,
  ethernetPayload,
  ethernetSource,
  vlanNote,
  type EthernetPayload,
} from '../frames/ethernet';
import { eachFrame, type Frame } from '../frames/frames';
import { icmpErrorIn, ICMP_REDIRECT, type IcmpError } from '../frames/icmp-error';
import { readIpv6 } from '../frames/ipv6';
import { CallAudit } from './calls';
import { icmpName, SegmentNames, type LeakName } from './leak-names';
import { usesIn, type PasslistUses } from './passlist-uses';
import { passlistOf } from '../evidence/passlist-of';
import type { Scene } from '../evidence/scene';

/**
 * `tcp`: from the copied port. `icmp`: an error. `tcp-ipv6`, `icmp-ipv6`: the same over IPv6. `call`: to somebody outside of
 * the fence.
 */
export type LeakKind = 'tcp' | 'icmp' | 'tcp-ipv6' | 'icmp-ipv6' | 'call';

export interface LeakedFrame {
  readonly kind: LeakKind;
  readonly name: LeakName;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Who could have received it. */
  readonly to: string;
  /** Decoded, as tcpdump would print it. */
  readonly text: string;
}

/** A frame that carries nothing of the copy, yet shows on the wire that there is one. */
export interface Exposure {
  readonly kind: 'arp-request' | 'neighbour-solicitation' | 'redirect';
  readonly text: string;
}

export interface LeakAudit {
  readonly leaked: readonly LeakedFrame[];
  readonly exposures: readonly Exposure[];
}

const ARP_BYTES = 28;
const BROADCAST = 0xffff_ffff;
const NOBODY = 0xc0_00_02_01;

/**
 * @param directPorts ports of the online server from which this run itself uses the test server
 * @param uses of the test server by its passlist, as all captures show them
 */
export function auditLeaks(
  capture: Uint8Array,
  scene: Scene,
  directPorts: readonly number[],
  uses: PasslistUses = usesIn([capture], scene),
): LeakAudit {
  const test = parseAddress(scene.test.address)!;
  const passlist = passlistOf(scene);
  const everybody = new Set([...scene.networks.map(({ broadcast }) => parseAddress(broadcast)!), BROADCAST]);
  const direct = new Set(directPorts);
  const ends = new Set(
    scene.assistants.flatMap(({ hardware, by }) => [hardware, ...by.map((router) => router.hardware)]),
  );
  const assistants = new Set(scene.assistants.map(({ address }) => parseAddress(address)!));
  const routers = new Set(
    scene.routers.flatMap(({ footholds }) => footholds.map(({ address }) => parseAddress(address)!)),
  );
  const names = new SegmentNames();
  const calls = new CallAudit(scene);
  const leaked: LeakedFrame[] = [];
  const exposures: Exposure[] = [];

  // A frame on its way to the assistant: nobody else takes it, and it must not come out there again. What a router on
  // this way hands to anybody else is seen behind it.
  const isCaught = (frame: Frame): boolean => ends.size > 0 && ends.has(ethernetDestination(frame));
  /** Also what left under another address, as by NAT. */
  const isOfTest = (frame: Frame, source: number): boolean =>
    source === test || (scene.test.hardware !== undefined && ethernetSource(frame) === scene.test.hardware);
  const isOfCopy = ({ about }: IcmpError): boolean =>
    about !== undefined &&
    ((about.destination === test &&
      about.destinationPort === scene.test.port &&
      !passlist.passes(about.source, about.sourcePort)) ||
      (about.source === test &&
        about.sourcePort === scene.test.port &&
        !passlist.passes(about.destination, about.destinationPort)));

  const auditSegment = (frame: Frame, segment: SegmentView): void => {
    const { destination, destinationPort } = segment;
    if (isCanary(segment)) return;
    if (calls.isCall(segment)) {
      const text = formatSegment(segment) + vlanNote(frame);
      leaked.push({
        kind: 'call',
        name: 'outside-call',
        time: frame.time,
        to: formatAddress(destination),
        text,
      });
      return;
    }
    if (segment.sourcePort !== scene.test.port || !isOfTest(frame, segment.source) || isCaught(frame)) return;
    // On the passlist is the online server's own use of the test server, in connections that it has opened itself. A
    // copy's answer that is addressed there finds no connection, and the kernel refuses it.
    const isOwnUse = direct.has(destinationPort) || uses.has(destination, destinationPort);
    if (passlist.passes(destination, destinationPort) && isOwnUse) return;
    const text = formatSegment(segment) + vlanNote(frame);
    leaked.push({
      kind: 'tcp',
      name: names.nameOf(segment),
      time: frame.time,
      to: formatAddress(destination),
      text,
    });
  };

  const auditDatagram = (frame: Frame): void => {
    const { bytes, ipOffset, time } = frame;
    const source = ipv4Source(bytes, ipOffset);
    const destination = ipv4Destination(bytes, ipOffset);
    const to = formatAddress(destination);
    const between = `IP ${formatAddress(source)} > ${to}`;
    if (calls.isOtherCall(frame)) {
      const text = `${between}: IP protocol ${ipv4Protocol(bytes, ipOffset)}${vlanNote(frame)}`;
      leaked.push({ kind: 'call', name: 'outside-call', time, to, text });
      return;
    }
    const error = icmpErrorIn(frame);
    if (error) {
      const text = `${between}: ICMP type ${error.type}, code ${error.code}${vlanNote(frame)}`;
      const isOwn = source === test && !isCaught(frame);
      if (destination === test || assistants.has(destination)) {
        if (error.type === ICMP_REDIRECT && isOfCopy(error)) exposures.push({ kind: 'redirect', text });
      } else if (isOfCopy(error) || (isOwn && !passlist.has(destination) && !everybody.has(destination))) {
        leaked.push({ kind: 'icmp', name: icmpName(error.type), time, to, text });
      }
      return;
    }
    // A TCP packet that is no segment of its own: a fragment, or cut short. Its ports cannot be seen, so it counts.
    if (source !== test || ipv4Protocol(bytes, ipOffset) !== IP_PROTOCOL_TCP || isCaught(frame)) return;
    if (passlist.has(destination) || everybody.has(destination)) return;
    const text = `${between}: TCP, a fragment or damaged${vlanNote(frame)}`;
    leaked.push({ kind: 'tcp', name: 'fragment', time, to, text });
  };

  const auditIpv6 = (frame: Frame, view: DataView): void => {
    const packet = readIpv6(view);
    const { time } = frame;
    // Without IPv4 addresses only the hardware tells who sent it.
    const isOwn = scene.test.hardware === undefined || ethernetSource(frame) === scene.test.hardware;
    switch (packet?.kind) {
      case 'tcp':
        if (packet.sourcePort !== scene.test.port) return;
        leaked.push({
          kind: 'tcp-ipv6',
          name: 'ipv6-segment',
          time,
          to: 'IPv6',
          text: `IPv6 TCP from port ${packet.sourcePort}${vlanNote(frame)}`,
        });
        return;
      case 'tcp-fragment':
        if (isOwn)
          leaked.push({
            kind: 'tcp-ipv6',
            name: 'ipv6-segment',
            time,
            to: 'IPv6',
            text: 'IPv6 TCP, a fragment',
          });
        return;
      case 'icmp-error':
        if (isOwn) {
          const text = `IPv6 ICMP type ${packet.type}`;
          leaked.push({ kind: 'icmp-ipv6', name: 'ipv6-icmp-error', time, to: 'IPv6', text });
        }
        return;
      case 'neighbour-solicitation':
        if (isOwn)
          exposures.push({ kind: packet.kind, text: `IPv6 neighbour solicitation for ${packet.target}` });
        return;
      case undefined:
        return;
    }
  };

  eachFrame(capture, (frame) => {
    if (frame.segment) auditSegment(frame, frame.segment);
    else if (frame.ipOffset >= 0) auditDatagram(frame);
    else {
      const payload = ethernetPayload(frame);
      if (payload?.type === ETHERTYPE_IPV6) auditIpv6(frame, payload.view);
      const asked = payload && arpTarget(payload, test);
      if (asked === undefined || passlist.has(asked) || assistants.has(asked) || routers.has(asked)) return;
      const text = `ARP who-has ${formatAddress(asked)} tell ${scene.test.address}`;
      exposures.push({ kind: 'arp-request', text });
    }
  });
  return { leaked, exposures };
}

/**
 * Where the rule is gone, intercept's proofs of it get out: bare resets to TEST-NET-1 (RFC 5737), an address that nobody
 * has. They tell nobody anything; everything else that goes there is a leak as elsewhere.
 */
function isCanary({ destination, flags, payloadLength }: SegmentView): boolean {
  return destination === NOBODY && flags === (RST | ACK) && payloadLength === 0;
}

/** Whose hardware address the sender asks for (RFC 826). */
function arpTarget({ type, view }: EthernetPayload, sender: number): number | undefined {
  if (type !== ETHERTYPE_ARP || view.byteLength < ARP_BYTES) return undefined;
  const isRequest = view.getUint16(6) === 1;
  return isRequest && view.getUint32(14) === sender ? view.getUint32(24) : undefined;
}
