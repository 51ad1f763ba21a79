/** The leak audit of one capture: every frame that the copy caused on the test server and that got past the guard. */
import {
  ipv4Destination,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
} from '../../src/wire/ipv4';
import { formatAddress, parseAddress } from '../../src/wire/flow';
import { formatSegment } from '../../src/wire/print';
import type { SegmentView } from '../../src/wire/segment';
import { ACK, RST } from '../../src/wire/tcp';
import {
  ETHERTYPE_ARP,
  ETHERTYPE_IPV6,
  ethernetDestination,
  ethernetPayload,
  type EthernetPayload,
} from './ethernet';
import { eachFrame, type Frame } from './frames';
import type { Scene } from './scene';

/** `tcp`: from the copied port. `icmp`: an error. `tcp-ipv6`: from the copied port, over IPv6. */
export type LeakKind = 'tcp' | 'icmp' | 'tcp-ipv6';

export interface LeakedFrame {
  readonly kind: LeakKind;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Who could have received it. */
  readonly to: string;
  /** Decoded, as tcpdump would print it. */
  readonly text: string;
}

export interface LeakAudit {
  readonly leaked: readonly LeakedFrame[];
  /** Requests of the test server for the hardware address of somebody who is not on the passlist. They carry no data. */
  readonly arpRequests: readonly LeakedFrame['text'][];
}

const IP_PROTOCOL_ICMP = 1;
const IP_PROTOCOL_TCP = 6;
const ARP_BYTES = 28;
const IPV6_HEADER_BYTES = 40;
/** RFC 1122, section 3.2.2: the messages that packets provoke. The others are somebody's ping. */
const ICMP_ERRORS = new Set([3, 4, 5, 11, 12]);
const BROADCAST = 0xffff_ffff;
const NOBODY = 0xc0_00_02_01;

/** @param directPorts ports of the online server from which this run itself uses the test server */
export function auditLeaks(capture: Uint8Array, scene: Scene, directPorts: readonly number[]): LeakAudit {
  const test = parseAddress(scene.test.address)!;
  const passlist = new Set(scene.passlist.map((address) => parseAddress(address)!));
  const broadcast = parseAddress(scene.broadcast)!;
  const direct = new Set(directPorts);
  const ends = new Set(scene.assistants.map(({ hardware }) => hardware));
  // A frame on its way to the assistant: nobody else takes it, and it must not come out there again.
  const isCaught = (frame: Frame): boolean => ends.size > 0 && ends.has(ethernetDestination(frame));
  const gateways = new Set(scene.assistants.map(({ address }) => parseAddress(address)!));
  const refused = refusedFlows(capture, scene);
  const leaked: LeakedFrame[] = [];
  const arpRequests: string[] = [];

  const leak = (kind: LeakKind, time: number, to: string, text: string): void => {
    leaked.push({ kind, time, to, text });
  };
  eachFrame(capture, (frame) => {
    const { segment, ipOffset, bytes, time } = frame;
    if (segment) {
      if (segment.source !== test || segment.sourcePort !== scene.test.port || isCaught(frame)) return;
      if (isCanary(segment)) return;
      const passed = passlist.has(segment.destination);
      const port = segment.destinationPort;
      // On the passlist is the online server's own use of the test server. A copy's answer that is addressed there
      // finds no connection, and the kernel refuses it.
      if (passed && (direct.has(port) || !refused.has(`${segment.destination}:${port}`))) return;
      leak('tcp', time, formatAddress(segment.destination), formatSegment(segment));
    } else if (ipOffset >= 0) {
      if (ipv4Source(bytes, ipOffset) !== test || isCaught(frame)) return;
      const destination = ipv4Destination(bytes, ipOffset);
      if (passlist.has(destination) || destination === broadcast || destination === BROADCAST) return;
      const text = describeDatagram(frame);
      if (text) leak(text.kind, time, formatAddress(destination), text.text);
    } else {
      const payload = ethernetPayload(frame);
      if (!payload) return;
      const port = ipv6TcpSourcePort(payload);
      if (port === scene.test.port) leak('tcp-ipv6', time, 'IPv6', `IPv6 TCP from port ${port}`);
      const asked = arpTarget(payload, test);
      if (asked !== undefined && !passlist.has(asked) && !gateways.has(asked)) {
        arpRequests.push(`ARP who-has ${formatAddress(asked)} tell ${scene.test.address}`);
      }
    }
  });
  return { leaked, arpRequests };
}

/**
 * Where the rule is gone, intercept's proofs of it get out: bare resets to TEST-NET-1 (RFC 5737), an address that nobody
 * has. They tell nobody anything; everything else that goes there is a leak as elsewhere.
 */
function isCanary({ destination, flags, payloadLength }: SegmentView): boolean {
  return destination === NOBODY && flags === (RST | ACK) && payloadLength === 0;
}

/** Ends that answered the test server with a bare reset, as kernels do without a socket. */
function refusedFlows(capture: Uint8Array, scene: Scene): Set<string> {
  const test = parseAddress(scene.test.address)!;
  const refused = new Set<string>();
  eachFrame(capture, ({ segment }) => {
    if (segment?.destination !== test || segment.destinationPort !== scene.test.port) return;
    if (segment.flags === RST) refused.add(`${segment.source}:${segment.sourcePort}`);
  });
  return refused;
}

function describeDatagram({ bytes, ipOffset }: Frame): { kind: LeakKind; text: string } | undefined {
  const protocol = ipv4Protocol(bytes, ipOffset);
  const from = formatAddress(ipv4Source(bytes, ipOffset));
  const to = formatAddress(ipv4Destination(bytes, ipOffset));
  if (protocol === IP_PROTOCOL_ICMP) {
    const at = ipOffset + ipv4HeaderLength(bytes, ipOffset);
    const isError = ICMP_ERRORS.has(bytes[at]!) && !ipv4IsFragment(bytes, ipOffset);
    const text = `IP ${from} > ${to}: ICMP type ${bytes[at]}, code ${bytes[at + 1]}`;
    return isError ? { kind: 'icmp', text } : undefined;
  }
  // A TCP packet that is no segment of its own: a fragment, or cut short. Its ports cannot be seen, so it counts.
  return protocol === IP_PROTOCOL_TCP
    ? { kind: 'tcp', text: `IP ${from} > ${to}: TCP, a fragment or damaged` }
    : undefined;
}

/** Whose hardware address the sender asks for (RFC 826). */
function arpTarget({ type, view }: EthernetPayload, sender: number): number | undefined {
  if (type !== ETHERTYPE_ARP || view.byteLength < ARP_BYTES) return undefined;
  const isRequest = view.getUint16(6) === 1;
  return isRequest && view.getUint32(14) === sender ? view.getUint32(24) : undefined;
}

/** Of a TCP segment right behind the IPv6 header (RFC 8200, section 3). */
function ipv6TcpSourcePort({ type, view }: EthernetPayload): number | undefined {
  if (type !== ETHERTYPE_IPV6 || view.byteLength < IPV6_HEADER_BYTES + 2) return undefined;
  return view.getUint8(6) === IP_PROTOCOL_TCP ? view.getUint16(IPV6_HEADER_BYTES) : undefined;
}
