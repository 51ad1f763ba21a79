/** A capture of what clients say on connections that stay open, each with many requests, as of `ab -k`. */
import { emitPcapFileHeader, emitPcapRecord } from '../../src/wire/capture/pcap';
import { tcpChecksum } from '../../src/wire/checksum';
import { LINKTYPE } from '../../src/wire/encapsulation/link';
import { emitIpv4, IP_PROTOCOL_TCP, IPV4_HEADER_MIN_BYTES } from '../../src/wire/ip/ipv4';
import { ACK, emitTcp, FIN, PSH, putTcpChecksum, SYN, TCP_HEADER_MIN_BYTES } from '../../src/wire/tcp';

const CLIENT = 0xcb007101;
const ETHERNET_BYTES = 14;
const HEADERS_BYTES = IPV4_HEADER_MIN_BYTES + TCP_HEADER_MIN_BYTES;
/** As the made-up test server answers (bench/engine). */
const RESPONSE_BYTES = 238;
const INITIAL = 1000;
const SERVER_INITIAL = 5000;
const REQUEST = Buffer.from(`GET /${'x'.repeat(60)} HTTP/1.1\r\nHost: online\r\n\r\n`);
const FIRST_S = 1_700_000_000;
const EACH_S = 20e-6;

/** @param online address of the server, host order, whose port is 80 */
export function captureOf(connections: number, requests: number, online: number): Buffer {
  const pieces: Uint8Array[] = [emitPcapFileHeader(LINKTYPE.ethernet)];
  let count = 0;
  const say = (
    connection: number,
    flags: number,
    sequence: number,
    acknowledgment: number,
    words = NOTHING,
  ): void => {
    const frame = frameOf(connection, online, flags, sequence, acknowledgment, words);
    pieces.push(emitPcapRecord(frame, FIRST_S + count * EACH_S));
    count += 1;
  };
  const all = Array.from({ length: connections }, (_, connection) => connection);
  for (const connection of all) say(connection, SYN, INITIAL, 0);
  let [sequence, acknowledgment] = [INITIAL + 1, SERVER_INITIAL + 1];
  for (let request = 0; request < requests; request += 1) {
    for (const connection of all) say(connection, ACK | PSH, sequence, acknowledgment, REQUEST);
    sequence += REQUEST.length;
    acknowledgment += RESPONSE_BYTES;
    for (const connection of all) say(connection, ACK, sequence, acknowledgment);
  }
  for (const connection of all) say(connection, FIN | ACK, sequence, acknowledgment);
  return Buffer.concat(pieces);
}

const NOTHING = Buffer.alloc(0);

function frameOf(
  connection: number,
  online: number,
  flags: number,
  sequence: number,
  acknowledgment: number,
  words: Buffer,
): Uint8Array {
  const bytes = Buffer.alloc(ETHERNET_BYTES + HEADERS_BYTES + words.length);
  bytes[12] = 0x08;
  const source = CLIENT + (connection % 50);
  const tcp = ETHERNET_BYTES + IPV4_HEADER_MIN_BYTES;
  const segment_bytes = TCP_HEADER_MIN_BYTES + words.length;
  emitIpv4(bytes, ETHERNET_BYTES, {
    totalLength: HEADERS_BYTES + words.length,
    identification: 1,
    ttl: 64,
    protocol: IP_PROTOCOL_TCP,
    source,
    destination: online,
  });
  emitTcp(bytes, tcp, {
    sourcePort: 32_768 + Math.floor(connection / 50),
    destinationPort: 80,
    sequence,
    acknowledgment,
    headerLength: TCP_HEADER_MIN_BYTES,
    flags,
    window: 65_535,
  });
  bytes.set(words, tcp + TCP_HEADER_MIN_BYTES);
  putTcpChecksum(bytes, tcp, tcpChecksum(bytes, tcp, segment_bytes, source, online));
  return bytes;
}
