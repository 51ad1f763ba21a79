/** What a load is: everything is derived from it, on the client that plays it and in the check that expects it. */
export interface LoadProfile {
  readonly protocol: 'http' | 'redis';
  /** Tells this run's requests from all others. Lower-case letters and digits. */
  readonly run: string;
  readonly seed: number;
  /** In all. */
  readonly requests: number;
  /** Connections that stay open for many requests; they take most of them. */
  readonly keepAliveConnections: number;
  /** Connections for one request each. */
  readonly shortConnections: number;
  /** Connections at the same time. */
  readonly concurrency: number;
  readonly bodyMax_bytes: number;
}

export const defaultProfile = (
  protocol: LoadProfile['protocol'],
  run: string,
  seed: number,
): LoadProfile => ({
  protocol,
  run,
  seed,
  requests: 2400,
  keepAliveConnections: 24,
  shortConnections: 400,
  concurrency: 24,
  bodyMax_bytes: 100 * 1024,
});
