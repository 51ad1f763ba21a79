/**
 * Engines that are wrong on purpose, each in one way that a TCP has been wrong before. The simulator is worth as much
 * as it finds them.
 */
import { Engine } from '../../../src/session/engine';
import type { EngineOutputs } from '../../../src/session/contract';
import { tcpChecksum } from '../../../src/wire/checksum';
import { readU32, writeU16, writeU32 } from '../../../src/wire/big-endian';
import type { Reply } from '../../../src/wire/reply';
import type { SegmentView } from '../../../src/wire/segment';
import { ACK, FIN, putTcpChecksum, RST, SYN, tcpFlags, tcpHeaderLength } from '../../../src/wire/tcp';
import { TEST, TEST_PORT } from './world';

const IP = 20;
const options = {
  transfers: [{ onlineAddress: undefined, onlinePort: 80, testAddress: TEST, testPort: TEST_PORT }],
};

type Send = EngineOutputs['send'];

/** An engine whose packets pass through `change` on their way out. */
const sending =
  (change: (packet: Uint8Array, length: number, send: Send) => void) =>
  (outputs: EngineOutputs): Engine =>
    new Engine(options, { ...outputs, send: (packet, length) => change(packet, length, outputs.send) });

function mendChecksum(packet: Uint8Array, length: number): void {
  writeU16(packet, IP + 16, 0);
  putTcpChecksum(packet, IP, tcpChecksum(packet, IP, length - IP, readU32(packet, 12), readU32(packet, 16)));
}

const payloadLength = (packet: Uint8Array, length: number): number =>
  length - IP - tcpHeaderLength(packet, IP);

class NeverWakes extends Engine {
  override nextDeadline_ms(): number {
    return Infinity;
  }
}

class DeafToReplies extends Engine {
  #heard = 0;
  override replied(reply: Reply, now_ms: number): void {
    this.#heard += 1;
    if (this.#heard % 5 !== 0 || reply.payloadLength > 0) super.replied(reply, now_ms);
    else super.replied({ ...reply, acknowledgment: (reply.acknowledgment + 1) >>> 0 }, now_ms);
  }
}

class ForgetsToCount extends Engine {
  override captured(view: SegmentView, now_ms: number): void {
    super.captured(view, now_ms);
    if (view.flags & FIN) this.counters.segments_used -= 1;
  }
}

/** Compares captured sequence numbers as plain numbers: right until they wrap. */
class ComparesWithoutWrap extends Engine {
  readonly #highest = new Map<number, number>();
  override captured(view: SegmentView, now_ms: number): void {
    const highest = this.#highest.get(view.sourcePort) ?? 0;
    if (!(view.flags & SYN) && view.sequence < highest) return;
    this.#highest.set(view.sourcePort, view.flags & SYN ? view.sequence : Math.max(highest, view.sequence));
    super.captured(view, now_ms);
  }
}

export const KNOWN_BAD: Readonly<Record<string, (outputs: EngineOutputs) => Engine>> = {
  'acknowledges one byte too many': sending((packet, length, send) => {
    if (tcpFlags(packet, IP) & ACK) writeU32(packet, IP + 8, (readU32(packet, IP + 8) + 1) >>> 0);
    mendChecksum(packet, length);
    send(packet, length);
  }),
  'never sends anything twice': (outputs) => {
    const sent = new Set<string>();
    return sending((packet, length, send) => {
      const key = `${readU32(packet, IP)}-${readU32(packet, IP + 4)}-${tcpFlags(packet, IP)}`;
      if (payloadLength(packet, length) > 0 && sent.has(key)) return;
      sent.add(key);
      send(packet, length);
    })(outputs);
  },
  'never arms its timers': (outputs) => new NeverWakes(options, outputs),
  'compares sequence numbers without wrap': (outputs) => new ComparesWithoutWrap(options, outputs),
  'sends with a wrong checksum': sending((packet, length, send) => {
    packet[IP + 16] = packet[IP + 16]! ^ 0xff;
    send(packet, length);
  }),
  'sends to another port': sending((packet, length, send) => {
    writeU16(packet, IP + 2, TEST_PORT + 1);
    mendChecksum(packet, length);
    send(packet, length);
  }),
  'changes a byte of the payload': sending((packet, length, send) => {
    if (payloadLength(packet, length) > 0) packet[length - 1] = packet[length - 1]! ^ 1;
    mendChecksum(packet, length);
    send(packet, length);
  }),
  'never closes': sending((packet, length, send) => {
    if (!(tcpFlags(packet, IP) & (FIN | RST))) send(packet, length);
  }),
  'takes acknowledgments for one byte more': (outputs) => new DeafToReplies(options, outputs),
  'forgets to count': (outputs) => new ForgetsToCount(options, outputs),
  'never unregisters': (outputs) => new Engine(options, { ...outputs, unregister: () => undefined }),
  'loses the window scale': sending((packet, length, send) => {
    if (tcpFlags(packet, IP) & SYN) packet.fill(1, IP + 24, IP + tcpHeaderLength(packet, IP));
    mendChecksum(packet, length);
    send(packet, length);
  }),
};
