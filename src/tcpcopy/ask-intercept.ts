/** For the doctor: whether an intercept answers, and how it stands with its guard. */
import { ControlClient, type ClientEvents } from '../control/client';
import type { Key } from '../control/sealed/key';
import type { ControlAnswer } from '../doctor/facts';
import { nodeTurns } from '../kernel/turns';
import type { PasslistEntries } from '../passlist/passlist';
import { formatAddress } from '../wire/address/address';
import type { Endpoint } from '../wire/flow';
import type { InterceptEndpoint } from './options/intercepts';

/** How long an intercept may take to arm itself after its greeting. */
const ARMING_MS = 1500;
const ANSWER_MAX_MS = 4000;

/** Greets as tcpcopy does, has the guard of these test servers proven, registers nothing, and goes. */
export function askIntercept(
  { host, port }: InterceptEndpoint,
  testServers: readonly Endpoint[],
  keys: readonly Key[] | undefined,
): Promise<ControlAnswer> {
  return new Promise((resolve) => {
    let passlist: PasslistEntries | undefined;
    let arming: NodeJS.Timeout | undefined;
    let lastReason = '';
    const end = (armed: boolean, reason: string): void => {
      clearTimeout(timer);
      clearTimeout(arming);
      client.stop();
      resolve({
        intercept: client.name,
        armed,
        reason,
        welcomed: passlist !== undefined,
        passlist: (passlist?.addresses ?? []).map(formatAddress),
        ownCopies: passlist?.ownCopies ?? [],
      });
    };
    const timer = setTimeout(() => end(false, 'no answer'), ANSWER_MAX_MS);
    const events: ClientEvents = {
      connected: (entries) => {
        passlist = entries;
        client.prove(1);
      },
      guard: ({ level, reason }) => {
        lastReason = reason;
        if (level === 'armed') end(true, '');
        // It says so again and again; the first time counts.
        else arming ??= setTimeout(() => end(false, lastReason), ARMING_MS);
      },
      lost: (reason) => end(false, reason),
      replies: () => undefined,
      unroutable: () => undefined,
    };
    const client = new ControlClient(host, port, testServers, events, nodeTurns, keys);
    client.start();
  });
}
