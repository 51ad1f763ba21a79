/** Any bytes at all: whatever comes in from outside is understood or refused, never anything else. */
import assert from 'node:assert/strict';
import { FrameIntake } from '../../src/capture/file/frame-intake';
import { Pace } from '../../src/capture/file/pace';
import { ControlError, PROTOCOL_VERSION } from '../../src/control/messages';
import { encodeFrame, FrameDecoder } from '../../src/control/frames';
import { parseTransfers } from '../../src/tcpcopy/options/transfers';
import { CAPTURE_BUFFER_BYTES, CaptureFileDecoder } from '../../src/wire/capture/capture-file';
import { emptyCursor } from '../../src/wire/encapsulation/cursor';
import { unwrap } from '../../src/wire/encapsulation/unwrap';
import { FragmentTable } from '../../src/wire/ip/fragments';
import { readTooBig } from '../../src/wire/ip/too-big';
import { enterFrame, ipv4OffsetInFrame, LINKTYPE } from '../../src/wire/encapsulation/link';
import { mptcpToken, readMptcp } from '../../src/wire/mptcp';
import { parseAddress } from '../../src/wire/address/address';
import { emitPcapFileHeader } from '../../src/wire/capture/pcap';
import { formatSegment } from '../../src/wire/print';
import { emptySegmentView, viewSegment } from '../../src/wire/segment';
import { checkSegment } from '../../src/wire/segment-checksum';
import { readSynOptions } from '../../src/wire/tcp-options';
import { readSeen, SeenBatch, SeenError } from '../../src/answers/seen/records';
import { packet } from '../unit/capture/packets';
import {
  erspan,
  ETHERTYPE_IPV6,
  ETHERTYPE_MPLS,
  frame,
  geneve,
  gre,
  GRE,
  ipv6,
  joined,
  mpls,
  ppp,
  pppoe,
  tagged,
  vxlan,
  vxlanGpe,
} from '../unit/capture/tunnels';
import type { Random } from '../sim/world/plan/random';
import { messagesIn } from '../unit/control/owned';
import { fuzz } from './rounds';

const ROUNDS = 10_000;

/** Random bytes, often with the first ones of something real, so that deeper code is reached. */
function bytesFrom(random: Random, openings: readonly Uint8Array[]): Uint8Array {
  const bytes = Uint8Array.from({ length: random.between(0, 120) }, () => random.between(0, 255));
  if (random.chance(0.7)) bytes.set(random.pick(openings).subarray(0, bytes.length));
  if (bytes.length > 0 && random.chance(0.5))
    bytes[random.between(0, bytes.length - 1)] = random.between(0, 255);
  return bytes;
}

const IPV4_TCP = Uint8Array.of(
  ...[0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, 6, 0, 0, 198, 18, 10, 10, 198, 18, 10, 20],
  ...[0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0xa0, 2, 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 5, 0xb4],
);

/** The same over IPv6, at once and behind other headers: options, hop by hop and for the destination, a route, a fragment's. */
const TCP = IPV4_TCP.subarray(20);
const behind = (next: number, ...rest: readonly number[]): Uint8Array => Uint8Array.of(next, 0, ...rest);
const IPV6_TCP = ipv6(6, TCP);
const IPV6_FRAGMENT = ipv6(44, TCP, behind(6, 0, 1, 0, 0, 0, 7));
const IPV6_EXTENDED = ipv6(
  0,
  TCP,
  joined(behind(60, 1, 4, 0, 0, 0, 0), behind(43, 1, 4, 0, 0, 0, 0), behind(6, 0, 0, 0, 0, 0, 0)),
);
const PACKETS = [IPV4_TCP, IPV6_TCP, IPV6_EXTENDED, IPV6_FRAGMENT];

fuzz('random packets are viewed inside their bounds or refused with a reason', ROUNDS, (random) => {
  const bytes = bytesFrom(random, PACKETS);
  const view = emptySegmentView();
  const need = random.pick(['whole', 'headers'] as const);
  const fault = viewSegment(view, bytes, 0, bytes.length, need);
  if (fault) return;
  assert.ok(view.payloadOffset <= bytes.length);
  if (need === 'whole') assert.ok(view.payloadOffset + view.payloadLength <= bytes.length);
  assert.ok(view.payloadLength >= 0);
  readSynOptions(bytes, view.tcpOffset);
  assert.match(formatSegment(view), /^IP6? /);
});

fuzz('whatever a router says of a packet, nothing is read behind its end', ROUNDS, (random) => {
  const icmp = Uint8Array.of(
    0x45,
    0,
    0,
    68,
    0,
    1,
    0,
    0,
    64,
    1,
    0,
    0,
    ...IPV4_TCP.subarray(12, 20),
    3,
    4,
    0,
    0,
  );
  const about = Uint8Array.of(...icmp, 0, 0, 5, 0, ...IPV4_TCP);
  const about6 = Uint8Array.of(2, 0, 0, 0, 0, 0, 5, 0, 0x60, 0, 0, 0, 0, 20, random.pick([6, 44, 60]), 64);
  const bytes = bytesFrom(random, [about, about6]);
  for (const family of [4, 6] as const) {
    const told = readTooBig(bytes, bytes.length, family);
    // Zeros behind it would make another one of what was read there.
    const longer = Uint8Array.of(...bytes, ...Array<number>(64).fill(random.between(0, 255)));
    assert.deepEqual(readTooBig(longer, bytes.length, family), told);
    if (told) assert.ok(told.mtu_bytes >= (family === 6 ? 1280 : 552));
  }
});

fuzz('random frames have their IPv4 header inside, or none', ROUNDS, (random) => {
  const bytes = bytesFrom(random, [Uint8Array.of(...Array<number>(12).fill(0), 0x81, 0, 0, 1, 8, 0)]);
  const offset = ipv4OffsetInFrame(bytes, 0, bytes.length, random.pick([0, 1, 101, 113, 228, 276, 9]));
  assert.ok(offset <= bytes.length);
});

/** Frames in frames, as far as headers go. */
const PACKET = packet({ payload: 'GET /' });
const NESTED = [
  frame(vxlan(frame(PACKET))),
  frame(vxlanGpe(PACKET, 1)),
  frame(geneve(frame(PACKET), undefined, new Uint8Array(8))),
  frame(gre(PACKET, undefined, GRE.checksum | GRE.key | GRE.sequence)),
  frame(gre(PACKET, undefined, GRE.routing)),
  frame(erspan(frame(PACKET), 2)),
  frame(erspan(frame(PACKET), 3, { subheader: true })),
  frame(pppoe(ppp(PACKET)), 0x8864),
  frame(mpls(frame(PACKET), 2), ETHERTYPE_MPLS),
  frame(ipv6(4, PACKET), ETHERTYPE_IPV6),
  frame(IPV6_EXTENDED, ETHERTYPE_IPV6),
  frame(IPV6_FRAGMENT, ETHERTYPE_IPV6),
  frame(vxlan(frame(IPV6_TCP, ETHERTYPE_IPV6))),
  frame(gre(IPV6_TCP, ETHERTYPE_IPV6)),
  frame(tagged(PACKET), 0x8100),
];
const LINK_TYPES = [...Object.values(LINKTYPE), 105, 9999];

fuzz('random frames are walked to a segment inside of them, or to a reason', ROUNDS, (random) => {
  const bytes = bytesFrom(random, NESTED);
  const cursor = emptyCursor();
  const linkType = random.chance(0.6) ? LINKTYPE.ethernet : random.pick(LINK_TYPES);
  const original = bytes.length + random.between(0, 9);
  const end = enterFrame(cursor, bytes, 0, bytes.length, original, linkType) ?? unwrap(cursor);
  assert.equal(typeof end, 'string');
  if (end !== 'tcp' && end !== 'fragment') return;
  assert.ok(cursor.at <= cursor.end);
  assert.ok(cursor.end <= bytes.length);
  assert.ok(cursor.wireEnd >= cursor.end);
  const view = emptySegmentView();
  const { at, wireEnd } = cursor;
  if (viewSegment(view, bytes, at, cursor.end - at, 'headers', wireEnd - at)) return;
  assert.ok(view.payloadOffset <= cursor.end);
  assert.ok(view.payloadLength >= 0);
  assert.ok(['right', 'wrong', 'left-open'].includes(checkSegment(view)));
});

const intake = new FrameIntake([{ address: undefined, port: 80 }], () => undefined);
fuzz('random frames become segments of clients, or are counted with a reason', ROUNDS, (random) => {
  const bytes = bytesFrom(random, NESTED);
  const frameOf = {
    kind: 'packet',
    timestamp: 1,
    offset: 0,
    originalLength: bytes.length,
    step_bytes: 0,
  } as const;
  const reason = intake.take(
    bytes,
    { ...frameOf, capturedLength: bytes.length, linkType: random.pick(LINK_TYPES) },
    random.between(0, 9),
  );
  if (reason === undefined) assert.equal(intake.view.destinationPort, 80);
  else assert.match(reason, /^[a-z0-9-]+$/);
});

fuzz('random TCP headers have an option of Multipath TCP, or none', ROUNDS, (random) => {
  const bytes = bytesFrom(random, [
    joined(IPV4_TCP.subarray(20, 40), Uint8Array.of(30, 12, 0x10, 2, 1, 2, 3, 4)),
  ]);
  if (bytes.length < 60) return;
  const option = readMptcp(bytes, 0);
  if (option?.kind === 'capable' && option.receiverKey !== undefined)
    assert.ok(mptcpToken(option.receiverKey, option.version) >= 0);
});

fuzz('random timestamps are due in their order, at times that are some', 2000, (random) => {
  const pace = new Pace({ speed: 1, silenceMax_ms: random.pick([100, Infinity]) });
  let due_ms = 0;
  for (let one = 0; one < 30; one += 1) {
    const decades = random.pick([0, 0, 0, 1, 3600, -3600, 1e9, -1e9, 1e30]);
    pace.advance(random.chance(0.1) ? undefined : 1e9 + one / 100 + decades);
    if (pace.jump && random.chance(0.5)) pace.takeBack();
    assert.ok(pace.dueAt_ms(0) >= due_ms);
    due_ms = pace.dueAt_ms(0);
    assert.ok(!Number.isNaN(due_ms));
  }
});

const IPV6 = parseAddress('2001:2::1')!;
const FRAMES = [
  ...[1, IPV6].flatMap((address) => [
    encodeFrame({
      kind: 'hello',
      purpose: 'copy',
      version: PROTOCOL_VERSION,
      instance: 1n,
      called: { address, port: 2 },
      endpoints: [{ address, port: 2 }],
    }),
    encodeFrame({
      kind: 'register',
      routes: [{ clientAddress: address, clientPort: 2, serverAddress: address, serverPort: 4 }],
    }),
  ]),
  encodeFrame({
    kind: 'guard',
    level: 'armed',
    stood: { asked: 1, heard_ms: 1, clock_ms: 1, said_ms: 1 },
    reason: 'x',
  }),
];
fuzz(
  'random streams on the control channel end in messages or a ControlError, in bounded memory',
  ROUNDS,
  (random) => {
    const decoder = new FrameDecoder();
    try {
      for (let chunk = 0; chunk < 3; chunk += 1) messagesIn(decoder, bytesFrom(random, FRAMES));
    } catch (error) {
      assert.ok(error instanceof ControlError);
    }
  },
);

const RECORDS: Uint8Array[] = [];
const telling = new SeenBatch((records) => void RECORDS.push(records.slice()));
telling.add('client', { ...emptySegmentView(), bytes: Uint8Array.of(1, 2, 3), payloadLength: 3 }, 5);
telling.flush();
fuzz('random records of what was seen end in segments inside them, or a SeenError', ROUNDS, (random) => {
  const bytes = bytesFrom(random, RECORDS);
  try {
    readSeen(bytes, (_, { payloadOffset, payloadLength }) =>
      assert.ok(payloadOffset + payloadLength <= bytes.length),
    );
  } catch (error) {
    assert.ok(error instanceof SeenError);
  }
});

/** Sections, interfaces and packets, in the right form. */
const SECTION = Uint8Array.of(
  ...[
    10, 13, 13, 10, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
  ],
  ...[28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0],
  ...[6, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0],
);

const FILES = [emitPcapFileHeader(1), SECTION];
const buffer = new Uint8Array(CAPTURE_BUFFER_BYTES);
fuzz(
  'random capture files, read in pieces, yield packets inside the file and faults in its order',
  ROUNDS,
  (random, round) => {
    const bytes = bytesFrom(random, FILES);
    const piece_bytes = random.between(1, 130);
    const isWhole = round % 2 === 0;
    const decoder = isWhole ? new CaptureFileDecoder(bytes, bytes.length) : new CaptureFileDecoder(buffer);
    let place = 0;
    let steps = 0;
    for (let at = 0; at <= bytes.length;) {
      for (let event = decoder.next(); event; event = decoder.next()) {
        steps += 1;
        if (event.kind === 'packet') {
          assert.ok(event.offset + event.capturedLength <= decoder.bytes.length);
        } else {
          assert.ok(event.at >= place);
          assert.ok(event.at <= bytes.length);
          place = event.at;
        }
      }
      if (isWhole) break;
      const piece = bytes.subarray(at, at + piece_bytes);
      decoder.room().set(piece);
      decoder.filled(piece.length);
      at += Math.max(1, piece.length);
    }
    assert.ok(steps <= bytes.length + 1);
  },
);

const IPV4_FRAGMENT = Uint8Array.of(...[0x45, 0, 0, 44, 0, 1, 0x20, 0, 64, 6, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
const table = new FragmentTable(() => undefined);
fuzz('random fragments become whole packets of lawful length, or are given up', ROUNDS, (random) => {
  const bytes = bytesFrom(random, [IPV4_FRAGMENT, IPV6_FRAGMENT]);
  if (bytes.length < 20) return;
  const whole = table.add(bytes, 0, bytes.length, random.between(0, 1000));
  if (whole) assert.ok(whole.length <= 0xffff + 60);
});

const letters = '0123456789.:-,x abcdef[]';
fuzz('random transfers are understood or explained', ROUNDS, (random) => {
  const text = Array.from(
    { length: random.between(0, 30) },
    () => letters[random.between(0, letters.length - 1)],
  ).join('');
  const { transfers, faults } = parseTransfers(text);
  assert.ok(transfers.length + faults.length > 0);
});
