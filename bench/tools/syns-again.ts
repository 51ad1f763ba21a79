/** SYNs that the client's machine had to say again, by its kernel's count (/proc/net/netstat). */
import type { Stage } from '../stage/stage';

const SAID_AGAIN = 'TCPSynRetrans';

export async function synsAgain({ client }: Stage): Promise<number> {
  const { stdout } = await client.exec(['cat', '/proc/net/netstat']);
  return synsAgainIn(stdout.toString());
}

/** @param netstat pairs of lines: names, and the numbers below them */
export function synsAgainIn(netstat: string): number {
  const rows = netstat.split('\n').map((line) => line.split(' '));
  const names = rows.findIndex((row) => row.includes(SAID_AGAIN));
  return Number(rows[names + 1]?.[rows[names]?.indexOf(SAID_AGAIN) ?? -1] ?? 0);
}
