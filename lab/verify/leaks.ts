/** The leak audit of one capture: every frame that the copy caused on the test server and that got past the guard. */
import { ipv4Destination, ipv4HeaderLength, ipv4Protocol, ipv4Source } from '../../src/wire/ipv4';
import { formatAddress, parseAddress } from '../../src/wire/flow';
import { formatSegment } from '../../src/wire/print';
import { RST } from '../../src/wire/tcp';
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
const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;
const BROADCAST = 0xffff_ffff;

/** @param directPorts ports of the online server from which this run itself uses the test server */
export function auditLeaks(capture: Uint8Array, scene: Scene, directPorts: readonly number[]): LeakAudit {
  const test = parseAddress(scene.test.address)!;
  const passlist = new Set(scene.passlist.map((address) => parseAddress(address)!));
  const broadcast = parseAddress(scene.broadcast)!;
  const direct = new Set(directPorts);
  const refused = refusedFlows(capture, scene);
  const leaked: LeakedFrame[] = [];
  const arpRequests: string[] = [];

  const leak = (kind: LeakKind, time: number, to: string, text: string): void => {
    leaked.push({ kind, time, to, text });
  };
  eachFrame(capture, (frame) => {
    const { segment, ipOffset, bytes, time } = frame;
    if (segment) {
      if (segment.source !== test || segment.sourcePort !== scene.test.port) return;
      const passed = passlist.has(segment.destination);
      const port = segment.destinationPort;
      // On the passlist is the online server's own use of the test server. A copy's answer that is addressed there
      // finds no connection, and the kernel refuses it.
      if (passed && (direct.has(port) || !refused.has(`${segment.destination}:${port}`))) return;
      leak('tcp', time, formatAddress(segment.destination), formatSegment(segment));
    } else if (ipOffset >= 0) {
      if (ipv4Source(bytes, ipOffset) !== test) return;
      const destination = ipv4Destination(bytes, ipOffset);
      if (passlist.has(destination) || destination === broadcast || destination === BROADCAST) return;
      const text = describeDatagram(frame);
      if (text) leak(text.kind, time, formatAddress(destination), text.text);
    } else {
      const port = ipv6TcpSourcePort(frame);
      if (port === scene.test.port) leak('tcp-ipv6', time, 'IPv6', `IPv6 TCP from port ${port}`);
      const asked = arpTarget(frame, test);
      if (asked !== undefined && !passlist.has(asked)) {
        arpRequests.push(`ARP who-has ${formatAddress(asked)} tell ${scene.test.address}`);
      }
    }
  });
  return { leaked, arpRequests };
}

/** Flows from the test server that somebody on the passlist answered with a bare reset, as kernels do without a socket. */
function refusedFlows(capture: Uint8Array, scene: Scene): Set<string> {
  const test = parseAddress(scene.test.address)!;
  const passlist = new Set(scene.passlist.map((address) => parseAddress(address)!));
  const refused = new Set<string>();
  eachFrame(capture, ({ segment }) => {
    if (segment?.destination !== test || segment.destinationPort !== scene.test.port) return;
    if (segment.flags === RST && passlist.has(segment.source)) {
      refused.add(`${segment.source}:${segment.sourcePort}`);
    }
  });
  return refused;
}

function describeDatagram({ bytes, ipOffset }: Frame): { kind: LeakKind; text: string } | undefined {
  const protocol = ipv4Protocol(bytes, ipOffset);
  const from = formatAddress(ipv4Source(bytes, ipOffset));
  const to = formatAddress(ipv4Destination(bytes, ipOffset));
  if (protocol === IP_PROTOCOL_ICMP) {
    const at = ipOffset + ipv4HeaderLength(bytes, ipOffset);
    return { kind: 'icmp', text: `IP ${from} > ${to}: ICMP type ${bytes[at]}, code ${bytes[at + 1]}` };
  }
  // A TCP packet that is no segment of its own: a fragment, or cut short. Its ports cannot be seen, so it counts.
  return protocol === IP_PROTOCOL_TCP
    ? { kind: 'tcp', text: `IP ${from} > ${to}: TCP, a fragment or damaged` }
    : undefined;
}

const etherType = ({ bytes, offset }: Frame): number => (bytes[offset + 12]! << 8) | bytes[offset + 13]!;

/** Only Ethernet captures get here; frames of other link types have no hardware addresses to ask for. */
function arpTarget(frame: Frame, sender: number): number | undefined {
  const { bytes, offset, length } = frame;
  if (length < 42 || etherType(frame) !== ETHERTYPE_ARP) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset + 14, 28);
  const isRequest = view.getUint16(6) === 1;
  return isRequest && view.getUint32(14) === sender ? view.getUint32(24) : undefined;
}

function ipv6TcpSourcePort(frame: Frame): number | undefined {
  const { bytes, offset, length } = frame;
  const ip = offset + 14;
  if (length < 14 + 40 + 4 || etherType(frame) !== ETHERTYPE_IPV6) return undefined;
  return bytes[ip + 6] === IP_PROTOCOL_TCP ? (bytes[ip + 40]! << 8) | bytes[ip + 41]! : undefined;
}
