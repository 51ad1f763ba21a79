/** A lab whose copy is stopped and started again in one family or the other, and what it then tells. */
import type { Lab, LabNode } from '../../../lab/library';
import { eventually } from '../../stage/eventually';
import { shell } from '../../stage/verify-support';

export type Family = 4 | 6;
export const FAMILIES: readonly Family[] = [4, 6];

/** Of a node, in the lab as it stands. */
export const addressOf = (node: LabNode, family: Family): string =>
  family === 4 ? node.definition.address : node.definition.address6!;
export const addressesOf = (node: LabNode): string[] => FAMILIES.map((family) => addressOf(node, family));
/** In front of a port, or in a URL. */
export const host = (node: LabNode, family: Family): string =>
  family === 4 ? addressOf(node, 4) : `[${addressOf(node, 6)}]`;
export const tablesOf = { 4: 'iptables', 6: 'ip6tables' } as const;

export const logOf = async (node: LabNode, program: string): Promise<string> =>
  (await node.exec(['cat', `/var/log/${program}.log`])).stdout.toString();

/** Stops both programs of the copy, and starts them again with these arguments. */
export async function copyAgain(
  running: Lab,
  family: Family,
  further: { intercept?: string; tcpcopy?: string },
): Promise<void> {
  const [online, server] = [running.node('online'), running.node('test')];
  const stop = (program: string): string =>
    `pkill -x ${program}; while pgrep -x ${program} >/dev/null; do sleep 0.05; done; rm -f /var/log/${program}.log`;
  await shell(online, stop('tcpcopy'));
  await shell(server, stop('intercept'));
  const [from, to] = [addressOf(online, family), addressOf(server, family)];
  await shell(server, `intercept -x ${from} -b ${to} ${further.intercept ?? ''} --metrics 9101 -d`);
  await shell(
    online,
    `tcpcopy -x 80-${host(server, family)}:8080 -s ${from} -c ${from} ${further.tcpcopy ?? ''} --metrics 9100 -d`,
  );
  await eventually(async () => (await counters(running))['tcpcopy_armed'] === 1);
}

export async function counters(running: Lab): Promise<Record<string, number>> {
  const { stdout } = await running.node('online').exec(['curl', '-s', 'http://127.0.0.1:9100/metrics']);
  const samples = stdout.toString().matchAll(/^([a-z_]+(?:\{reason="[^"]*"\})?) (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, name, value]) => [name!, Number(value)]));
}

/** So many requests of the client's, a connection each; all are answered. */
export const asks = (running: Lab, family: Family, requests: number): Promise<void> =>
  shell(
    running.node('client'),
    `ab -q -n ${requests} -c 10 http://${host(running.node('online'), family)}/asked`,
  );

/** How many of them the test server has answered. */
export async function arrived(running: Lab): Promise<number> {
  const { stdout } = await running
    .node('test')
    .exec(['sh', '-c', 'grep -c /asked /var/log/nginx/access.log']);
  return Number(stdout);
}

export const forget = (running: Lab): Promise<void> =>
  shell(running.node('test'), 'truncate -cs 0 /var/log/nginx/access.log');

/** What intercept is to be given. */
export const ownCopies = (running: Lab, family: Family, ports = '61000-65535'): string =>
  `--own-copies ${host(running.node('online'), family)}:${ports}`;
