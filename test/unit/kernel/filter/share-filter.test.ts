/** Which segments each worker's socket gets. */
import assert from 'node:assert/strict';
import { limitToBuckets } from '../../../../src/kernel/filter/bucket-filter';
import { compileBothWaysFilter, compileEndpointFilter } from '../../../../src/kernel/filter/endpoint-filter';
import { compileFilter } from '../../../../src/kernel/filter/pcap-filter';
import { limitToShare } from '../../../../src/kernel/filter/share-filter';
import { parseAddress, type Family } from '../../../../src/wire/address/address';
import { emitIp, ipHeader_bytes } from '../../../../src/wire/ip/ip';
import { ACK, emitTcp } from '../../../../src/wire/tcp';
import { BUCKETS, bucketOf, type BucketState } from '../../../../src/wire/tables/bucket';
import { isSampled } from '../../../../src/wire/tables/sample';
import { workerOf } from '../../../../src/wire/tables/share';
import { runFilter } from './bpf-machine';

const COUNT = 3;
const SNAP_BYTES = 160;
const PORT = 80;

interface End {
  readonly address: number;
  readonly port: number;
}

function packet(from: End, to: End): Uint8Array {
  const header = ipHeader_bytes(from.address);
  const bytes = new Uint8Array(header + 20);
  emitIp(bytes, 0, { source: from.address, destination: to.address, ttl: 64, identification: 0 }, 20);
  const ends = { sourcePort: from.port, destinationPort: to.port, headerLength: 20 };
  emitTcp(bytes, header, { ...ends, sequence: 0, acknowledgment: 0, flags: ACK, window: 0 });
  return bytes;
}

const ONLINE = { 4: parseAddress('198.18.10.20')!, 6: parseAddress('2001:2::20')! };
const clientsOf = (family: Family): End[] =>
  Array.from({ length: 300 }, (_, index) => ({
    address: parseAddress(
      family === 4 ? `198.18.${index % 7}.${index % 251}` : `2001:2::${index % 5}:${index}`,
    )!,
    port: 1024 + index * 211,
  }));
const lets = (program: Uint8Array, bytes: Uint8Array): boolean => runFilter(program, bytes) > 0;
const shares = Array.from({ length: COUNT }, (_, index) => ({ index, count: COUNT }));

describe.each([4, 6] as const)('the filter of a worker, over IPv%i,', (family) => {
  const online = { address: ONLINE[family], port: PORT };
  const ports = compileEndpointFilter([{ address: undefined, port: PORT }], family);

  test('lets in what is its own, and all of them together everything, once', () => {
    const programs = shares.map((share) => limitToShare(ports, share, family));
    for (const client of clientsOf(family)) {
      const owners = programs.flatMap((program, index) =>
        lets(program, packet(client, online)) ? [index] : [],
      );
      assert.deepEqual(owners, [workerOf(client.address, client.port, COUNT)]);
      assert.ok(programs.every((program) => !lets(program, packet(client, { ...online, port: 81 }))));
    }
  });

  test('holds beside that of the buckets', () => {
    const states = Array.from({ length: BUCKETS }, (_, bucket): BucketState =>
      bucket % 2 ? 'open' : 'closed',
    );
    const programs = shares.map((share) =>
      limitToBuckets(limitToShare(ports, share, family), states, family),
    );
    for (const client of clientsOf(family)) {
      const owners = programs.flatMap((program, index) =>
        lets(program, packet(client, online)) ? [index] : [],
      );
      const isOpen = bucketOf(client.address, client.port) % 2 === 1;
      assert.deepEqual(owners, isOpen ? [workerOf(client.address, client.port, COUNT)] : []);
    }
  });

  test('of both directions of a connection lets in both, or none', () => {
    const programs = shares.map((share) =>
      compileBothWaysFilter([PORT], family, [], SNAP_BYTES, 5000, share),
    );
    for (const client of clientsOf(family)) {
      const worker = workerOf(client.address, client.port, COUNT);
      const owners = isSampled(client.address, client.port, 5000) ? [worker] : [];
      for (const bytes of [packet(client, online), packet(online, client)])
        assert.deepEqual(
          programs.flatMap((program, index) => (lets(program, bytes) ? [index] : [])),
          owners,
        );
    }
  });
});

test("a filter of the user's is shared out as well, and what is no segment every worker gets", () => {
  const programs = shares.map((share) => limitToShare(compileFilter('tcp dst port 80 or udp'), share, 4));
  const client = clientsOf(4)[0]!;
  const segment = packet(client, { address: ONLINE[4], port: PORT });
  expect(programs.filter((program) => lets(program, segment))).toHaveLength(1);
  segment[9] = 17;
  expect(programs.filter((program) => lets(program, segment))).toHaveLength(COUNT);
});
