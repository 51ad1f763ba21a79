/** Does each connection's next request come behind the one before, whichever connections bring them? */

export interface Said {
  readonly connection: string;
  readonly request: string;
}

/**
 * Repetitions count from their first arrival; what never arrived, and what was never said, is not looked at.
 *
 * @param online in the order in which the clients said them
 * @param test in the order of arrival
 * @returns requests that came behind a later one of their connection
 */
export function disorderedIn(online: readonly Said[], test: readonly string[]): string[] {
  const arrivals = new Map<string, number>();
  for (const [at, request] of test.entries()) if (!arrivals.has(request)) arrivals.set(request, at);
  /** By connection, from its end: the first arrival of what was said later. */
  const later = new Map<string, number>();
  const disordered: string[] = [];
  for (const { connection, request } of online.toReversed()) {
    const arrival = arrivals.get(request);
    if (arrival === undefined) continue;
    const next = later.get(connection) ?? Infinity;
    if (arrival > next) disordered.push(request);
    later.set(connection, Math.min(arrival, next));
  }
  return disordered.reverse();
}
