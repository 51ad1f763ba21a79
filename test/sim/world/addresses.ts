/** Who is who in a simulated world; addresses in host order. */
import type { Transfer } from '../../../src/session/contract';
import type { Route } from '../../../src/wire/reply';

export const CLIENTS: readonly number[] = [0xc612_0a0a, 0xc612_0a0b];
/** The online server's. */
export const ONLINES: readonly number[] = [0xc612_0a14, 0xc612_0a15];
export const ONLINE_PORT = 80;
export const TEST = 0xc612_0a1e;
export const TEST_PORT = 8080;

/** From a client to the test server. */
export const routeTo = (clientAddress: number, clientPort: number): Route => ({
  clientAddress,
  clientPort,
  serverAddress: TEST,
  serverPort: TEST_PORT,
});

export const TRANSFERS: readonly Transfer[] = [
  { onlineAddress: undefined, onlinePort: ONLINE_PORT, testAddress: TEST, testPort: TEST_PORT },
];
