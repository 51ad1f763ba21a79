/**
 * Injection at the link layer (packet(7)): frames leave in batches, past this machine's own filter and connection
 * tracking. What has no Ethernet next hop goes by raw IP. What has one that does not answer does not: the kernel would tell
 * the source of each such packet that the host is unreachable, and that is a client.
 */
import { performance } from 'node:perf_hooks';
import { openKernel } from '../kernel/kernel';
import { NextHops, type NextHop, type UnresolvedHop } from '../kernel/netlink/next-hop';
import { interfaceIndex } from '../kernel/interface-index';
import { SendBatch } from '../kernel/packets/send-batch';
import { isIpv6 } from '../wire/address/address';
import { writeU16 } from '../wire/big-endian';
import { copyBytes } from '../wire/copy-bytes';
import { ETHERTYPE } from '../wire/encapsulation/cursor';
import { openSendingSocket } from './sending-socket';
import { formatAddress } from '../wire/address/address';
import { InjectError, type InjectSink, type InjectWishes, type RefusalListener } from './sink';

const AF_PACKET = 17;
/** What may wait in the devices' queues. */
const BUFFER_BYTES = 16 * 1024 * 1024;

const BATCH = 64;
/** Destination, source, type. */
const ETHERNET_HEADER_BYTES = 14;
/** How long a next hop is taken for granted, and how long one that was not found is not looked for again. */
const HOP_MAX_MS = 1000;
const UNRESOLVED_MAX_MS = 10;
/** A neighbour that was not asked for before is waited for so long: most answer sooner. */
const ANSWER_EVERY_US = 200;
const ANSWERS_AWAITED = 10;

type Hop = NextHop | UnresolvedHop | undefined;

const isUnresolved = (hop: Hop): hop is UnresolvedHop => hop !== undefined && hop.destination === undefined;

interface Destination {
  readonly hop: Hop;
  readonly until_ms: number;
}

/**
 * @param raw takes what cannot be sent at the link layer
 * @param packetMax_bytes longest packet
 * @throws InjectError
 */
export function openLinkSink(
  raw: InjectSink,
  { device, linkAddresses, linkOnly = [], way, left }: InjectWishes,
  packetMax_bytes: number,
  refused: RefusalListener,
): InjectSink {
  const kernel = openKernel();
  const neverRaw = new Set(linkOnly);
  // Protocol 0: it receives nothing.
  const descriptor = openSendingSocket(kernel, AF_PACKET, 0, 'packet socket', BUFFER_BYTES);
  const hops = new NextHops(kernel);
  const batch = new SendBatch(kernel, BATCH, ETHERNET_HEADER_BYTES + packetMax_bytes);
  const destinations = new Map<number, Destination>();
  const flush = (): void => {
    if (batch.waiting === 0) return;
    const from_ms = performance.now();
    batch.send(descriptor, refused);
    left?.(from_ms, performance.now());
  };
  const ask = (address: number): Hop => {
    // A device that went away and came back has another number.
    const index = device === undefined ? 0 : interfaceIndex(kernel, device);
    if (index === undefined) return undefined;
    const { source, destination } = linkAddresses.get(address) ?? {};
    const hop = hops.find(address, index, destination);
    return hop?.destination && source ? { ...hop, source } : hop;
  };
  /** Asks the kernel to ask, where it would do so itself if it sent the packets. */
  const resolve = (address: number, isNew: boolean): Hop => {
    const hop = ask(address);
    if (!hop || (hop.destination && hop.confirmed)) return hop;
    // Where we may not ask, the kernel does, with a packet.
    if (!hops.resolve(hop)) return hop.destination || neverRaw.has(address) ? hop : undefined;
    let found: Hop = hop;
    for (let look = 0; isNew && isUnresolved(found) && look < ANSWERS_AWAITED; look += 1) {
      kernel.libc.usleep(ANSWER_EVERY_US);
      found = ask(address);
    }
    return found;
  };
  // Of the first packet that waits: those behind it are of the same turn.
  let now_ms = -Infinity;
  const find = (address: number): Destination => {
    if (batch.waiting === 0) now_ms = performance.now();
    const known = destinations.get(address);
    if (known && now_ms < known.until_ms) return known;
    const hop = resolve(address, !isUnresolved(known?.hop));
    const found = { hop, until_ms: now_ms + (isUnresolved(hop) ? UNRESOLVED_MAX_MS : HOP_MAX_MS) };
    destinations.set(address, found);
    if (hop) way?.(address, { isRouted: hop.gateway !== address, mtu_bytes: hop.mtu_bytes });
    return found;
  };
  const close = (): void => {
    kernel.libc.close(descriptor);
    hops.close();
    batch.free();
    raw.close();
  };
  const unreached = linkOnly.find((address) => ask(address) === undefined);
  if (unreached !== undefined) {
    close();
    throw new InjectError(
      `copies under an address of this machine leave at the link layer only, and ${formatAddress(unreached)} is not reached by Ethernet: by raw IP they would pass conntrack and masquerading, which may give them another port; see ip route get ${formatAddress(unreached)}`,
    );
  }
  return {
    description: `packet socket${device === undefined ? '' : ` on ${device}`}, in batches; without an Ethernet next hop: ${raw.description}`,
    send(packet, length, address) {
      const { hop } = find(address);
      if (isUnresolved(hop)) {
        refused('EHOSTUNREACH');
        return;
      }
      if (!hop && neverRaw.has(address)) {
        refused('no-ethernet-hop');
        return;
      }
      if (!hop || length > packetMax_bytes) {
        flush(); // what was sent before must not be overtaken
        raw.send(packet, length, address);
        return;
      }
      const { bytes, at } = batch;
      copyBytes(hop.destination, 0, hop.destination.length, bytes, at);
      copyBytes(hop.source, 0, hop.source.length, bytes, at + hop.destination.length);
      writeU16(bytes, at + 12, isIpv6(address) ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4);
      copyBytes(packet, 0, length, bytes, at + ETHERNET_HEADER_BYTES);
      batch.add(ETHERNET_HEADER_BYTES + length, hop.device);
      if (batch.waiting === batch.count) flush();
    },
    flush,
    close() {
      flush();
      close();
    },
  };
}
