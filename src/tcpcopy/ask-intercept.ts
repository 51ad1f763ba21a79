/** For the doctor: whether an intercept answers, and how it stands with its guard. */
import { ControlClient } from '../control/client';
import type { ControlAnswer } from '../doctor/facts';
import { formatAddress } from '../wire/flow';
import type { InterceptEndpoint } from './options';

/** How long an intercept may take to arm itself after its greeting. */
const ARMING_MS = 1500;
const ANSWER_MAX_MS = 4000;

/** Greets as tcpcopy does, registers nothing, and goes. */
export function askIntercept({ host, port }: InterceptEndpoint): Promise<ControlAnswer> {
  return new Promise((resolve) => {
    let passlist: readonly number[] | undefined;
    const end = (armed: boolean, reason: string): void => {
      clearTimeout(timer);
      client.stop();
      resolve({
        intercept: client.name,
        armed,
        reason,
        welcomed: passlist !== undefined,
        passlist: (passlist ?? []).map(formatAddress),
      });
    };
    let timer = setTimeout(() => end(false, 'no answer'), ANSWER_MAX_MS);
    const client = new ControlClient(host, port, {
      state: (state) => {
        if (state.armed) end(true, '');
        else if (passlist === undefined) end(false, state.reason);
        else {
          clearTimeout(timer);
          timer = setTimeout(() => end(false, state.reason), ARMING_MS);
        }
      },
      passlist: (addresses) => (passlist = addresses),
      replies: () => undefined,
      unroutable: () => undefined,
    });
    client.start();
  });
}
