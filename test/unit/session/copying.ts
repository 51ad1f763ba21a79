/** An engine that copies, what it is told, and what it says. */
import assert from 'node:assert/strict';
import type { DoubtfulRequests, EngineOptions, EngineOutputs } from '../../../src/session/contract';
import { Engine } from '../../../src/session/engine';
import { emitIpv4, IP_PROTOCOL_TCP } from '../../../src/wire/ip/ipv4';
import type { Reply, Route } from '../../../src/wire/reply';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../src/wire/segment';
import { ACK, emitTcp, PSH, SYN } from '../../../src/wire/tcp';

export const CLIENT = 0xc612_0a0a;
export const ONLINE = 0xc612_0a14;
export const TEST = 0xc612_0a1e;
export const PORT = 40_000;
export const INITIAL = 1000;
export const route: Route = {
  clientAddress: CLIENT,
  clientPort: PORT,
  serverAddress: TEST,
  serverPort: 8080,
};

interface Said {
  readonly flags: number;
  readonly sequence?: number;
  readonly payload?: string;
  readonly source?: number;
  readonly port?: number;
  readonly acknowledgment?: number;
}

/** A captured segment of the client. */
export function segment(said: Said): SegmentView {
  const { flags, sequence = INITIAL, payload = '', source = CLIENT, port = PORT } = said;
  const bytes = Buffer.concat([Buffer.alloc(40), Buffer.from(payload)]);
  const fields = { identification: 1, ttl: 64, protocol: IP_PROTOCOL_TCP, source, destination: ONLINE };
  emitIpv4(bytes, 0, { ...fields, totalLength: bytes.length });
  emitTcp(bytes, 20, {
    sourcePort: port,
    destinationPort: 80,
    sequence,
    acknowledgment: said.acknowledgment ?? (flags & ACK ? 1 : 0),
    headerLength: 20,
    flags,
    window: 1000,
  });
  const view = emptySegmentView();
  assert.equal(viewSegment(view, bytes, 0, bytes.length, 'whole'), undefined);
  return view;
}

export const synAck: Reply = {
  ...route,
  sequence: 5000,
  acknowledgment: INITIAL + 1,
  flags: SYN | ACK,
  window: 65_535,
  payloadLength: 0,
  maximumSegmentSize: 1460,
  windowScale: undefined,
  at_ms: NaN,
};

interface Sent {
  readonly flags: number;
  readonly source: number;
  readonly port: number;
  readonly sequence: number;
  readonly payload: string;
}

/** An engine that is armed, and what it asked for. */
export function copying(
  options: Partial<EngineOptions> = {},
  further: Pick<EngineOutputs, 'isHeld' | 'answered' | 'joinsUnknown'> = {},
) {
  const packets: Sent[] = [];
  const sent: number[] = [];
  const registered: Route[] = [];
  const unregistered: Route[] = [];
  const abandoned: Route[] = [];
  const doubtful: DoubtfulRequests[] = [];
  const view = emptySegmentView();
  const engine = new Engine(
    {
      transfers: [{ onlineAddress: undefined, onlinePort: 80, testAddress: TEST, testPort: 8080 }],
      ...options,
    },
    {
      send: (packet, length) => {
        assert.equal(viewSegment(view, packet, 0, length, 'whole'), undefined);
        const { flags, source, sourcePort, sequence, payloadOffset, payloadLength } = view;
        const payload = Buffer.from(packet).toString('latin1', payloadOffset, payloadOffset + payloadLength);
        packets.push({ flags, source, port: sourcePort, sequence, payload });
        sent.push(flags);
      },
      register: (one) => registered.push(one),
      unregister: (one) => unregistered.push(one),
      abandon: (one) => abandoned.push(one),
      doubtful: (requests) => doubtful.push(requests),
      ...further,
    },
  );
  engine.setGuard('armed', 0);
  return { engine, packets, sent, registered, unregistered, abandoned, doubtful };
}

export const words = (sequence: number, acknowledgment: number, payload: string): SegmentView =>
  segment({ flags: ACK | PSH, sequence, acknowledgment, payload });

/** A segment of the test server. */
export const reply = (fields: Partial<Reply>): Reply => ({ ...synAck, flags: ACK, ...fields });
