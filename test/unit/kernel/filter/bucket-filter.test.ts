import assert from 'node:assert/strict';
import { limitToBuckets, limitToLeftOut } from '../../../../src/kernel/filter/bucket-filter';
import { openKernel } from '../../../../src/kernel/kernel';
import { compileEndpointFilter } from '../../../../src/kernel/filter/endpoint-filter';
import { compileFilter } from '../../../../src/kernel/filter/pcap-filter';
import { BUCKETS, bucketOf, type BucketState } from '../../../../src/wire/tables/bucket';
import { emitIpv4 } from '../../../../src/wire/ip/ipv4';
import { ACK, emitTcp, SYN } from '../../../../src/wire/tcp';
import { runFilter } from './bpf-machine';

const ONLINE = 0xc6120a14;
const WHOLE = 0x40000;

function packet(source: number, sourcePort: number, flags: number, options_bytes = 0): Uint8Array {
  const header = 20 + options_bytes;
  const bytes = new Uint8Array(header + 20);
  const fields = { identification: 0, ttl: 1, protocol: 6, source, destination: ONLINE };
  emitIpv4(bytes, 0, { ...fields, totalLength: bytes.length });
  bytes[0] = 0x40 | (header / 4);
  emitTcp(bytes, header, {
    sourcePort,
    destinationPort: 80,
    sequence: 0,
    acknowledgment: 0,
    headerLength: 20,
    flags,
    window: 0,
  });
  return bytes;
}

const ports = compileEndpointFilter([{ address: ONLINE, port: 80 }], 4);
const all = (state: BucketState): BucketState[] => Array.from({ length: BUCKETS }, () => state);

/** Every tenth bucket is in another state, so that each word of the program's tables has some of each. */
const mixed = Array.from(
  { length: BUCKETS },
  (_, bucket): BucketState => (['open', 'closing', 'closed', 'not-chosen'] as const)[bucket % 4]!,
);

/** Clients of many networks, and of one, with ports in sequence, and with the highest of all. */
const clients = [
  ...Array.from({ length: 1000 }, (_, index) => [0x0a000001, 32_768 + index] as const),
  ...Array.from({ length: 1000 }, (_, index) => [0xfffffff0 - 7919 * index, 65_535 - index] as const),
];

describe('a filter that is limited to buckets', () => {
  test('is the filter itself while everything is open', () => {
    expect(limitToBuckets(ports, all('open'), 4)).toBe(ports);
  });

  test('comes to the same buckets as the engine', () => {
    for (const [address, port] of clients) {
      const states = all('closed');
      states[bucketOf(address, port)] = 'open';
      assert.equal(runFilter(limitToBuckets(ports, states, 4), packet(address, port, ACK)), WHOLE);
      states[bucketOf(address, port)] = 'closed';
      states[(bucketOf(address, port) + 1) % BUCKETS] = 'open';
      assert.equal(runFilter(limitToBuckets(ports, states, 4), packet(address, port, ACK)), 0);
    }
  });

  test('lets in what is open, and of what is closing all but beginnings', () => {
    const program = limitToBuckets(ports, mixed, 4);
    for (const [address, port] of clients) {
      const state = mixed[bucketOf(address, port)]!;
      const letIn = (flags: number): boolean => runFilter(program, packet(address, port, flags)) > 0;
      assert.equal(letIn(SYN), state === 'open');
      assert.equal(letIn(ACK), state === 'open' || state === 'closing');
    }
  });

  test('finds the port behind IP options', () => {
    const states = all('closed');
    states[bucketOf(0x0a000001, 4242)] = 'closing';
    const program = limitToBuckets(ports, states, 4);
    expect(runFilter(program, packet(0x0a000001, 4242, ACK, 8))).toBe(WHOLE);
    expect(runFilter(program, packet(0x0a000001, 4242, SYN, 8))).toBe(0);
  });

  test("holds for a filter of the user's, too, and lets in what else that wants", () => {
    const program = limitToBuckets(compileFilter('tcp dst port 80 or udp'), all('closed'), 4);
    const [tcp, udp, fragment] = [0, 1, 2].map(() => packet(0x0a000001, 4242, ACK)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    udp[9] = 17;
    fragment[7] = 5;
    expect(runFilter(program, tcp)).toBe(0);
    expect(runFilter(program, udp)).toBeGreaterThan(0);
    expect(runFilter(limitToBuckets(compileFilter('tcp'), all('closed'), 4), fragment)).toBeGreaterThan(0);
  });
});

describe('a filter that is limited to what is left out', () => {
  test('lets in a byte of each beginning, and nothing else', () => {
    const program = limitToLeftOut(ports, mixed, 4);
    for (const [address, port] of clients) {
      const state = mixed[bucketOf(address, port)]!;
      const leftOut = state === 'closing' || state === 'closed';
      assert.equal(runFilter(program, packet(address, port, SYN)), leftOut ? 1 : 0);
      assert.equal(runFilter(program, packet(address, port, ACK)), 0);
    }
  });
});

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const MSG_DONTWAIT = 0x40;

/** An abstract address of unix(7): nothing is left of it in any directory. */
const ABSTRACT = Uint8Array.of(AF_UNIX, 0, 0, ...Buffer.from(`bucket-filter ${process.pid}`));

test('the kernel takes the programs, and runs them as we do', () => {
  const { libc, allocate } = openKernel();
  const receiver = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  const sender = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  const bytes = new Uint8Array(64);
  /** The filter of a datagram socket reads from the first byte of what was sent. */
  const attach = (program: Uint8Array): void => {
    const memory = allocate(program.length);
    memory.bytes.set(program);
    const fields = new DataView(new ArrayBuffer(16));
    fields.setUint16(0, program.length / 8, true);
    fields.setBigUint64(8, memory.address, true);
    const attached = libc.setsockopt(
      receiver,
      SOL_SOCKET,
      SO_ATTACH_FILTER,
      new Uint8Array(fields.buffer),
      16,
    );
    memory.free();
    expect(attached).toBe(0);
  };
  const received_bytes = (sent: Uint8Array): number => {
    libc.sendto(sender, sent, sent.length, MSG_DONTWAIT, ABSTRACT, ABSTRACT.length);
    return Math.max(0, libc.recv(receiver, bytes, bytes.length, MSG_DONTWAIT));
  };
  try {
    expect(libc.bind(receiver, ABSTRACT, ABSTRACT.length)).toBe(0);
    for (const program of [limitToBuckets(ports, mixed, 4), limitToLeftOut(ports, mixed, 4)]) {
      attach(program);
      for (const [address, port] of clients) {
        for (const flags of [SYN, ACK]) {
          const sent = packet(address, port, flags);
          assert.equal(received_bytes(sent), Math.min(sent.length, runFilter(program, sent)));
        }
      }
    }
  } finally {
    libc.close(receiver);
    libc.close(sender);
  }
});
