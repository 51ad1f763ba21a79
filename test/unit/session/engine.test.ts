import { Engine } from '../../../src/session/engine';
import { emitIpv4, IP_PROTOCOL_TCP } from '../../../src/wire/ipv4';
import type { Reply, Route } from '../../../src/wire/reply';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../src/wire/segment';
import { ACK, emitTcp, PSH, RST, SYN, tcpFlags } from '../../../src/wire/tcp';

const CLIENT = 0xc612_0a0a;
const ONLINE = 0xc612_0a14;
const TEST = 0xc612_0a1e;
const PORT = 40_000;
const INITIAL = 1000;
const route: Route = { clientAddress: CLIENT, clientPort: PORT, serverAddress: TEST, serverPort: 8080 };

interface Said {
  readonly flags: number;
  readonly sequence?: number;
  readonly payload?: string;
  readonly source?: number;
}

/** A captured segment of the client. */
function segment({ flags, sequence = INITIAL, payload = '', source = CLIENT }: Said): SegmentView {
  const bytes = Buffer.concat([Buffer.alloc(40), Buffer.from(payload)]);
  const fields = { identification: 1, ttl: 64, protocol: IP_PROTOCOL_TCP, source, destination: ONLINE };
  emitIpv4(bytes, 0, { ...fields, totalLength: bytes.length });
  emitTcp(bytes, 20, {
    sourcePort: PORT,
    destinationPort: 80,
    sequence,
    acknowledgment: flags & ACK ? 1 : 0,
    headerLength: 20,
    flags,
    window: 1000,
  });
  const view = emptySegmentView();
  expect(viewSegment(view, bytes, 0, bytes.length, 'whole')).toBeUndefined();
  return view;
}

const synAck: Reply = {
  ...route,
  sequence: 5000,
  acknowledgment: INITIAL + 1,
  flags: SYN | ACK,
  window: 65_535,
  payloadLength: 0,
  maximumSegmentSize: 1460,
  windowScale: undefined,
};

function copying() {
  const sent: number[] = [];
  const registered: Route[] = [];
  const unregistered: Route[] = [];
  const engine = new Engine(
    { transfers: [{ onlineAddress: undefined, onlinePort: 80, testAddress: TEST, testPort: 8080 }] },
    {
      send: (packet) => sent.push(tcpFlags(packet, 20)),
      register: (one) => registered.push(one),
      unregister: (one) => unregistered.push(one),
    },
  );
  engine.setArmed(true, 0);
  return { engine, sent, registered, unregistered };
}

describe('the engine', () => {
  test('registers a connection before it sends the first packet of its copy', () => {
    const { engine, sent, registered } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    expect(registered).toEqual([route]);
    expect(sent).toEqual([SYN]);
  });

  test('sends nothing while it is not armed, and counts what it saw meanwhile', () => {
    const { engine, sent } = copying();
    engine.setArmed(false, 0);
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(segment({ flags: ACK | PSH, sequence: INITIAL + 1, payload: 'GET /' }), 1);
    expect(sent).toEqual([]);
    expect(engine.counters['segments_dropped_not-armed']).toBe(2);
  });

  test('copies no client whom the guard lets responses through to', () => {
    const { engine, sent, registered } = copying();
    engine.setPasslist(new Set([CLIENT]));
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(segment({ flags: SYN, source: CLIENT + 1 }), 0);
    expect(sent).toHaveLength(1);
    expect(registered).toEqual([{ ...route, clientAddress: CLIENT + 1 }]);
    expect(engine.counters.segments_dropped_passlisted).toBe(1);
  });

  test('drops a copy without a word when its replies will not come', () => {
    const { engine, sent, unregistered } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.unroutable(route, 2);
    expect(engine.counters.sessions_given_up_unroutable).toBe(1);
    expect(engine.sessionCount).toBe(0);
    expect(unregistered).toEqual([route]);
    // A reset would end the connection of whoever holds the route.
    expect(sent.some((flags) => flags & RST)).toBe(false);
    engine.captured(segment({ flags: ACK | PSH, sequence: INITIAL + 1, payload: 'GET /' }), 3);
    expect(engine.counters['segments_dropped_given-up']).toBe(1);
  });

  test('resets its copies when it is shut down', () => {
    const { engine, sent } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.shutdown(2);
    expect(sent.at(-1)).toBe(RST | ACK);
    expect(engine.counters.sessions_given_up_shutdown).toBe(1);
    expect(engine.nextDeadline_ms()).toBe(Infinity);
  });
});
