/** Connections that a copy left out, wholly or from a request on, because its machine had no room for them. */
import { isCopied, type ObservedConnection } from './observed';

export interface LeftOut {
  readonly connections: number;
  readonly requests: number;
}

/** Nothing else than what was left out may be lost. */
const OTHER_LOSS = /^capture_kernel_dropped$|^sessions_given_up_(?!left-out$)/;

/**
 * @param missing requests that the test server did not get, by identity
 * @param growth of tcpcopy's counters
 * @returns what was left out, if that is all that is missing, by what tcpcopy counted of it; else undefined
 */
export function leftOut(
  missing: readonly string[],
  online: readonly ObservedConnection[],
  growth: Readonly<Record<string, number>>,
): LeftOut | undefined {
  const sought = new Set(missing);
  let notBegun = 0;
  let ended = 0;
  let connections = 0;
  let found = 0;
  for (const { requests } of online) {
    const isMissing = requests.filter(isCopied).map(({ identity }) => sought.has(identity));
    if (!isMissing.includes(true)) continue;
    found += isMissing.filter(Boolean).length;
    if (isMissing[0] === true) notBegun += 1;
    const firstThere = isMissing.indexOf(false);
    if (firstThere >= 0 && isMissing.includes(true, firstThere)) ended += 1;
    connections += 1;
  }
  const isCounted =
    found === sought.size &&
    notBegun <= (growth['connections_left_out'] ?? 0) &&
    ended <= (growth['sessions_given_up_left-out'] ?? 0) &&
    !Object.keys(growth).some((name) => OTHER_LOSS.test(name));
  return found > 0 && isCounted ? { connections, requests: found } : undefined;
}
