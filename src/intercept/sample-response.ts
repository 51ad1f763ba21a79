/** A response as a test server sends it, for asking a filter. */
import { bareSegment, TTL_DEFAULT } from '../guard/bare-segment';
import { parseAddress, type Family } from '../wire/address/address';
import { ACK, SYN } from '../wire/tcp';

/** Addresses that nobody has (RFC 5737, RFC 3849). */
const SERVER = { 4: parseAddress('203.0.113.1')!, 6: parseAddress('2001:db8::1')! };
const CLIENT = { 4: parseAddress('203.0.113.2')!, 6: parseAddress('2001:db8::2')! };
const CLIENT_PORT = 40_000;

/** A SYN-ACK from the port, from its IP header on. */
export const sampleResponse = (port: number, family: Family): Uint8Array =>
  bareSegment({
    from: { address: SERVER[family], port },
    to: { address: CLIENT[family], port: CLIENT_PORT },
    sequence: 0,
    acknowledgment: 0,
    flags: SYN | ACK,
    ttl: TTL_DEFAULT,
  });
