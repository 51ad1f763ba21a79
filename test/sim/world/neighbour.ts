/** Others that use the test server meanwhile, and are heard by the same guard; none of them may be disturbed. */
import type { Reply, Route } from '../../../src/wire/reply';
import { ACK, PSH } from '../../../src/wire/tcp';
import { ONLINES, TEST, TEST_PORT } from './addresses';
import type { Agenda } from './agenda';
import type { Random } from './plan/random';

const WORDS_MAX = 4;
const SPEAKS_FOR_MS = 3000;

/** Who is copied by another tcpcopy only. */
export const COPIED_BY_ANOTHER: Route = {
  clientAddress: 0xc612_0c01,
  clientPort: 30_000,
  serverAddress: TEST,
  serverPort: TEST_PORT,
};

/** Whom the guard lets responses through to, and who is heard all the same where nothing is let through. */
export const PASSLISTED: Route = { ...COPIED_BY_ANOTHER, clientAddress: 0xc612_0c02 };

/** A program of the online server's own, which may have the address of its copies. */
export const OWN_PROGRAM: Route = { ...COPIED_BY_ANOTHER, clientAddress: ONLINES[0]! };

/** Who uses a port of the test server that nobody copies to. */
export const ELSEWHERE: Route = { ...COPIED_BY_ANOTHER, serverPort: TEST_PORT + 1 };

/** What the test server says to it now and then. */
export function listenFor(route: Route, agenda: Agenda, random: Random, told: (reply: Reply) => void): void {
  const [sequence, acknowledgment] = [0, 1].map(() => random.between(0, 0xffffffff));
  const reply: Reply = {
    ...route,
    sequence: sequence!,
    acknowledgment: acknowledgment!,
    flags: ACK | PSH,
    window: 1000,
    payloadLength: 100,
    maximumSegmentSize: undefined,
    windowScale: undefined,
    at_ms: NaN,
  };
  for (let word = 0; word < WORDS_MAX; word += 1)
    agenda.after(random.next() * SPEAKS_FOR_MS, () => told(reply));
}
