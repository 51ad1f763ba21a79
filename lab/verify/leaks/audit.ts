/** The leak audit of one capture: every frame that the copy caused and that got past the guard, over either family. */
import {
  familyOf,
  formatAddress,
  isIpv6,
  isLinkLocal,
  parseAddress,
  type Family,
} from '../../../src/wire/address/address';
import type { SegmentView } from '../../../src/wire/segment';
import { ACK, RST } from '../../../src/wire/tcp';
import { ethernetDestination, ethernetPayload, ethernetSource, vlanNote } from '../frames/ethernet';
import { eachFrame, type Frame } from '../frames/frames';
import { icmpErrorIn, type IcmpError } from '../frames/icmp-error';
import { arpQuestionIn, solicitationIn, type NeighbourQuestion } from '../frames/neighbour';
import { ipPacketAt, mayBeTcp, packetText, segmentText, type IpPacket } from '../frames/packet';
import { CallAudit } from './calls';
import { icmpName, SegmentNames, type LeakName } from './leak-names';
import { usesIn, type PasslistUses } from './passlist-uses';
import { isNobody } from '../../../src/wire/nobodies';
import { passlistOf } from '../evidence/passlist-of';
import type { Scene } from '../evidence/scene';

/**
 * `tcp`: from the copied port. `icmp`: an error. `tcp-ipv6`, `icmp-ipv6`: the same over IPv6. `call`: to somebody outside of
 * the fence.
 */
export type LeakKind = 'tcp' | 'icmp' | 'tcp-ipv6' | 'icmp-ipv6' | 'call';

export interface LeakedFrame {
  readonly kind: LeakKind;
  readonly family: Family;
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

const BROADCAST = 0xffff_ffff;

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
  const test = addressSet(scene.test.addresses);
  const passlist = passlistOf(scene);
  const everybody = new Set([...addressSet(scene.networks.map(({ broadcast }) => broadcast)), BROADCAST]);
  const direct = new Set(directPorts);
  const ends = new Set(
    scene.assistants.flatMap(({ hardware, by }) => [hardware, ...by.map((router) => router.hardware)]),
  );
  const assistants = addressSet(scene.assistants.flatMap(({ addresses }) => addresses));
  const routers = addressSet(
    scene.routers.flatMap(({ footholds }) => footholds.flatMap(({ addresses }) => addresses)),
  );
  const hasIpv6 = [...scene.test.addresses, ...scene.passlist].some((one) => one.includes(':'));
  const names = new SegmentNames();
  const calls = new CallAudit(scene);
  const leaked: LeakedFrame[] = [];
  const exposures: Exposure[] = [];

  // A frame on its way to the assistant: nobody else takes it, and it must not come out there again. What a router on
  // this way hands to anybody else is seen behind it.
  const isCaught = (frame: Frame): boolean => ends.size > 0 && ends.has(ethernetDestination(frame));
  const isSentByTest = (frame: Frame): boolean =>
    scene.test.hardware !== undefined && ethernetSource(frame) === scene.test.hardware;
  /** Also what left under another address, as by NAT; where nobody has an address of IPv6, it may be anybody's. */
  const isOfTest = (frame: Frame, source: number): boolean =>
    test.has(source) || isSentByTest(frame) || (isIpv6(source) && !hasIpv6);
  const isOfCopy = ({ about }: IcmpError): boolean =>
    about !== undefined &&
    ((test.has(about.destination) &&
      about.destinationPort === scene.test.port &&
      !passlist.passes(about.source, about.sourcePort)) ||
      (test.has(about.source) &&
        about.sourcePort === scene.test.port &&
        !passlist.passes(about.destination, about.destinationPort)));
  const leak = (
    frame: Frame,
    kind: 'tcp' | 'icmp' | 'call',
    name: LeakName,
    destination: number,
    text: string,
  ): void => {
    const family = familyOf(destination);
    leaked.push({
      kind: family === 6 && kind !== 'call' ? `${kind}-ipv6` : kind,
      family,
      name,
      time: frame.time,
      to: formatAddress(destination),
      text: text + vlanNote(frame),
    });
  };

  const auditSegment = (frame: Frame, segment: SegmentView): void => {
    const { source, sourcePort, destination, destinationPort } = segment;
    if (isCanary(segment)) return;
    if (calls.isCall(segment)) {
      leak(frame, 'call', 'outside-call', destination, segmentText(segment));
      return;
    }
    if (sourcePort !== scene.test.port || !isOfTest(frame, source) || isCaught(frame)) return;
    // On the passlist is the online server's own use of the test server, in connections that it has opened itself. A
    // copy's answer that is addressed there finds no connection, and the kernel refuses it.
    const isOwnUse = direct.has(destinationPort) || uses.has(destination, destinationPort);
    if (passlist.passes(destination, destinationPort) && isOwnUse) return;
    leak(frame, 'tcp', names.nameOf(segment), destination, segmentText(segment));
  };

  const auditPacket = (frame: Frame, packet: IpPacket): void => {
    const { bytes } = frame;
    const { source, destination, protocol } = packet;
    const between = packetText(packet);
    if (calls.isOtherCall(bytes, packet)) {
      leak(frame, 'call', 'outside-call', destination, `${between}: IP protocol ${protocol}`);
      return;
    }
    const isOwn = (isIpv6(source) ? isOfTest(frame, source) : test.has(source)) && !isCaught(frame);
    const isAllowed = passlist.has(destination) || everybody.has(destination);
    const error = icmpErrorIn(bytes, packet);
    if (error) {
      const { type, code, meaning } = error;
      const text = `${between}: ${isIpv6(source) ? 'ICMPv6' : 'ICMP'} type ${type}, code ${code}`;
      if (test.has(destination) || assistants.has(destination)) {
        if (meaning === 'redirect' && isOfCopy(error))
          exposures.push({ kind: 'redirect', text: text + vlanNote(frame) });
      } else if (isOfCopy(error) || (isOwn && !isAllowed)) {
        leak(frame, 'icmp', icmpName(meaning), destination, text);
      }
      return;
    }
    const question = solicitationIn(bytes, packet);
    if (question) auditQuestion('neighbour-solicitation', question, isOfTest(frame, source));
    // A TCP packet that is no segment of its own: a fragment, or cut short. Its ports cannot be seen, so it counts.
    if (!isOwn || isAllowed || !mayBeTcp(packet)) return;
    leak(frame, 'tcp', 'fragment', destination, `${between}: TCP, a fragment or damaged`);
  };

  const auditQuestion = (
    kind: Exposure['kind'],
    { sender, target }: NeighbourQuestion,
    isOwn: boolean,
  ): void => {
    // No copy has an address that means something on its link only, and every neighbour is asked for such.
    if (
      !isOwn ||
      isLinkLocal(target) ||
      isNobody(target) ||
      [passlist, assistants, routers, test].some((those) => those.has(target))
    )
      return;
    const asked = kind === 'arp-request' ? 'ARP who-has' : 'ICMPv6 neighbour solicitation, who has';
    exposures.push({ kind, text: `${asked} ${formatAddress(target)} tell ${formatAddress(sender)}` });
  };

  eachFrame(capture, (frame) => {
    if (frame.segment) {
      auditSegment(frame, frame.segment);
      return;
    }
    const packet =
      frame.ipOffset < 0 ? undefined : ipPacketAt(frame.bytes, frame.ipOffset, frame.offset + frame.length);
    if (packet) auditPacket(frame, packet);
    if (frame.ipOffset >= 0) return;
    const payload = ethernetPayload(frame);
    const question = payload && arpQuestionIn(payload);
    if (question) auditQuestion('arp-request', question, test.has(question.sender));
  });
  return { leaked, exposures };
}

const addressSet = (addresses: readonly string[]): Set<number> =>
  new Set(addresses.map((address) => parseAddress(address)!));

/**
 * Where the rule is gone, intercept's proofs of it get out: bare resets to addresses that nobody has. They tell nobody
 * anything; everything else that goes there is a leak as elsewhere.
 */
function isCanary({ destination, flags, payloadLength }: SegmentView): boolean {
  return isNobody(destination) && flags === (RST | ACK) && payloadLength === 0;
}
