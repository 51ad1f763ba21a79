/**
 * Injection at the link layer (packet(7)): frames leave in batches, past this machine's own filter and connection
 * tracking. What has no Ethernet next hop that the kernel knows goes by raw IP, which also makes the kernel look for it.
 */
import { openKernel } from '../kernel/libc';
import { NextHops, type NextHop } from '../kernel/next-hop';
import { interfaceIndex } from '../kernel/interface-index';
import { SendBatch } from '../kernel/send-batch';
import { copyBytes } from '../wire/copy-bytes';
import { openSendingSocket } from './sending-socket';
import { type InjectSink, type InjectWishes, type RefusalListener } from './sink';

const AF_PACKET = 17;
/** What may wait in the devices' queues. */
const BUFFER_BYTES = 16 * 1024 * 1024;

const BATCH = 64;
/** Destination, source, type. */
const ETHERNET_HEADER_BYTES = 14;
/** How long a next hop is taken for granted. */
const HOP_MAX_MS = 1000;

interface Destination {
  hop: NextHop | undefined;
  askedAt_ms: number;
  /** The next packet is the kernel's to send, so that it confirms the neighbour. */
  toConfirm: boolean;
}

/**
 * @param raw takes what cannot be sent at the link layer
 * @param packetMax_bytes longest packet
 * @throws InjectError
 */
export function openLinkSink(
  raw: InjectSink,
  { device, linkAddresses }: InjectWishes,
  packetMax_bytes: number,
  refused: RefusalListener,
): InjectSink {
  const kernel = openKernel();
  // Protocol 0: it receives nothing.
  const descriptor = openSendingSocket(kernel, AF_PACKET, 0, 'packet socket', BUFFER_BYTES);
  const hops = new NextHops(kernel);
  const batch = new SendBatch(kernel, BATCH, ETHERNET_HEADER_BYTES + packetMax_bytes);
  const destinations = new Map<number, Destination>();
  const flush = (): void => {
    if (batch.waiting > 0) batch.send(descriptor, refused);
  };
  const ask = (address: number): NextHop | undefined => {
    // A device that went away and came back has another number.
    const index = device === undefined ? 0 : interfaceIndex(device);
    if (index === undefined) return undefined;
    const { source, destination } = linkAddresses.get(address) ?? {};
    const hop = hops.find(address, index, destination);
    return hop && source ? { ...hop, source } : hop;
  };
  const find = (address: number): Destination => {
    const now_ms = performance.now();
    const known = destinations.get(address);
    if (known && now_ms - known.askedAt_ms < HOP_MAX_MS) return known;
    const hop = ask(address);
    const found = { hop, askedAt_ms: now_ms, toConfirm: hop?.confirmed === false };
    destinations.set(address, found);
    return found;
  };
  return {
    description: `packet socket${device === undefined ? '' : ` on ${device}`}, in batches; without a known Ethernet next hop: ${raw.description}`,
    send(packet, length, address) {
      const destination = find(address);
      const { hop } = destination;
      if (!hop || destination.toConfirm || length > packetMax_bytes) {
        flush(); // what was sent before must not be overtaken
        destination.toConfirm = false;
        raw.send(packet, length, address);
        return;
      }
      const { bytes, at } = batch;
      bytes.set(hop.destination, at);
      bytes.set(hop.source, at + 6);
      bytes[at + 12] = 0x08; // IPv4
      bytes[at + 13] = 0x00;
      copyBytes(packet, 0, length, bytes, at + ETHERNET_HEADER_BYTES);
      batch.add(ETHERNET_HEADER_BYTES + length, hop.device);
      if (batch.waiting === batch.count) flush();
    },
    flush,
    close() {
      flush();
      kernel.libc.close(descriptor);
      hops.close();
      batch.free();
      raw.close();
    },
  };
}
