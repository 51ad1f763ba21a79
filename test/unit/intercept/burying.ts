/** Orphans with everything that they say, and the guard at hand. */
import { Passlist } from '../../../src/passlist/passlist';
import { Orphans, type Copying } from '../../../src/intercept/orphans';
import type { Reply, Route } from '../../../src/wire/reply';
import { emptySegmentView, viewSegment } from '../../../src/wire/segment';
import { ACK, RST, SYN } from '../../../src/wire/tcp';

export const SERVER = { address: 3, port: 8080 };
export const PASSLISTED = 9;
/** Between two rounds of the guard. */
export const ROUND_MS = 30;

export const routeOf = (clientPort: number, clientAddress = 1): Route => ({
  clientAddress,
  clientPort,
  serverAddress: SERVER.address,
  serverPort: SERVER.port,
});

export const replyTo = (route: Route, fields: Partial<Reply> = {}): Reply => ({
  ...route,
  sequence: 0,
  acknowledgment: 1000,
  flags: ACK,
  window: 0,
  payloadLength: 0,
  maximumSegmentSize: undefined,
  windowScale: undefined,
  at_ms: 0,
  ...fields,
});

export const synAck = (route: Route): Reply => replyTo(route, { flags: SYN | ACK, sequence: 7 });

export interface Tcpcopy extends Copying {
  readonly name: string;
}

export const tcpcopy = (name: string): Tcpcopy => ({ name, endpoints: [SERVER] });

export function burying() {
  /** The ports of the clients in whose name something was said, and of those that were reset. */
  const said: number[] = [];
  const reset: number[] = [];
  const gone: [string, number][] = [];
  const view = emptySegmentView();
  const orphans = new Orphans<Tcpcopy>(
    {
      send: (packet) => {
        expect(viewSegment(view, packet, 0, packet.length, 'whole')).toBeUndefined();
        said.push(view.sourcePort);
        if (view.flags & RST) reset.push(view.sourcePort);
      },
      random: () => 42,
      gone: ({ name }, routes) => gone.push([name, routes]),
    },
    new Passlist([PASSLISTED]),
  );
  let proven = true;
  const tickUntil = (from_ms: number, to_ms: number): void => {
    for (let now_ms = from_ms; now_ms < to_ms; now_ms += ROUND_MS) orphans.tick(now_ms, () => proven);
  };
  const setProven = (is: boolean): void => {
    proven = is;
  };
  return { orphans, said, reset, gone, tickUntil, setProven };
}
