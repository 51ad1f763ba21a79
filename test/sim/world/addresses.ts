/** Who is who in a simulated world. */
import { parseAddress, type Address, type Family } from '../../../src/wire/address/address';
import type { Transfer } from '../../../src/session/contract';
import { endpointAddress, endpointPort, type EndpointKey } from '../../../src/wire/flow';
import type { Reply, Route } from '../../../src/wire/reply';
import type { ServerSegment } from './server/test-tcp';

/** Of all worlds of a run; an environment's word, since everybody here knows everybody by a name. */
export const FAMILY: Family = process.env['SIM_FAMILY'] === '6' ? 6 : 4;

const address = (host: number): Address =>
  parseAddress(FAMILY === 6 ? `2001:2:0:10::${host}` : `198.18.10.${host}`)!;

export const CLIENTS: readonly Address[] = [address(10), address(11)];
/** The online server's. */
export const ONLINES: readonly Address[] = [address(20), address(21)];
export const ONLINE_PORT = 80;
export const TEST = address(30);
export const TEST_PORT = 8080;

/** From a client to the test server. */
export const routeTo = (clientAddress: number, clientPort: number): Route => ({
  clientAddress,
  clientPort,
  serverAddress: TEST,
  serverPort: TEST_PORT,
});

/** intercept's clock is so far behind tcpcopy's. */
export const INTERCEPT_BEHIND_MS = 4321.5;

/** What the test server says to a client. @param syn what its SYN states; undefined for any other segment @param now_ms by tcpcopy's clock */
export const replyOf = (
  client: EndpointKey,
  segment: ServerSegment,
  syn: { readonly segment_bytes: number | undefined; readonly windowScale: number | undefined } | undefined,
  now_ms: number,
): Reply => ({
  ...routeTo(endpointAddress(client), endpointPort(client)),
  ...segment,
  maximumSegmentSize: syn?.segment_bytes,
  windowScale: syn?.windowScale,
  at_ms: now_ms - INTERCEPT_BEHIND_MS,
});

export const TRANSFERS: readonly Transfer[] = [
  { onlineAddress: undefined, onlinePort: ONLINE_PORT, testAddress: TEST, testPort: TEST_PORT },
];
