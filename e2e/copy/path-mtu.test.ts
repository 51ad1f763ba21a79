/** A router on the way to the test server that takes smaller packets than all others: copies arrive, and clients do not hear of it. */
import { expect, test } from '@jest/globals';
import { defineTopology } from '../../lab/topology/define';
import type { Lab, LabNode } from '../../lab/library';
import { verifyLab } from '../../lab/verify/verify-lab';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { shell } from '../stage/verify-support';

const narrow = defineTopology({
  name: 'narrow',
  description: 'A test server behind a router, with addresses of both families.',
  networks: {
    front: { subnet: '198.18.76.0/24', subnet6: '2001:2:0:76::/64', internal: true },
    rehearsal: { subnet: '198.18.77.0/24', subnet6: '2001:2:0:77::/64', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'front', address: '198.18.76.10', address6: '2001:2:0:76::10' },
    online: {
      role: 'online',
      network: 'front',
      address: '198.18.76.20',
      address6: '2001:2:0:76::20',
      server: { kind: 'nginx', port: 80 },
    },
    test: {
      role: 'test',
      network: 'rehearsal',
      address: '198.18.77.30',
      address6: '2001:2:0:77::30',
      server: { kind: 'nginx', port: 8080 },
    },
    router: {
      role: 'router',
      network: 'front',
      address: '198.18.76.2',
      address6: '2001:2:0:76::2',
      networks: { rehearsal: '198.18.77.2' },
      networks6: { rehearsal: '2001:2:0:77::2' },
    },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});

const lab = sharedLab(narrow, 'e2e-path-mtu');

const TAKES_BYTES = { 4: 1400, 6: 1300 } as const;

const addressesOf = ({ definition }: LabNode): Record<4 | 6, string> => ({
  4: definition.address,
  6: definition.address6!,
});

/** On its way to the test server; others still hear of the networks from their devices only. */
async function narrowRouter(running: Lab, family: 4 | 6): Promise<void> {
  const server = addressesOf(running.node('test'))[family];
  const ip = family === 6 ? 'ip -6' : 'ip';
  await shell(
    running.node('router'),
    `dev=$(${ip} route get ${server} | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p'); ${ip} route add ${server} dev $dev mtu lock ${TAKES_BYTES[family]}`,
  );
}

test('under addresses of clients copies over IPv6 are such as every path takes, and no router tells clients', async () => {
  await narrowRouter(lab(), 6);
  const { verification } = await verifyLab(lab(), { seed: 7, requests: 240 });
  expect(verification.reasons).toEqual([]);
  expect(verification.families).toMatchObject([
    { family: 4, online: 120, test: 120 },
    { family: 6, online: 120, test: 120 },
  ]);
});

const stop = (program: string): string =>
  `pkill -x ${program}; while pgrep -x ${program} >/dev/null; do sleep 0.05; done; rm -f /var/log/${program}.log`;

test('with larger ones, which -M asks for, the router tells clients, and that is found', async () => {
  const online = lab().node('online');
  const to = addressesOf(lab().node('test'));
  await shell(online, stop('tcpcopy'));
  await shell(online, `tcpcopy -x 80-${to[4]}:8080,80-[${to[6]}]:8080 -M 1500 -d`);
  const { verification } = await verifyLab(lab(), { seed: 7, requests: 240, patience_ms: 500 });
  expect(verification.reasons.map(({ code }) => code)).toContain('leak');
  expect(verification.leaks.names).toEqual(['icmp-error']);
});

const body = '/tmp/body';

test.each([6, 4] as const)(
  'under addresses of the online server a copy over IPv%i is cut to what the router says',
  async (family) => {
    const [online, server] = [lab().node('online'), lab().node('test')];
    if (family === 4) await narrowRouter(lab(), 4);
    const [from, to] = [addressesOf(online), addressesOf(server)];
    await shell(online, stop('tcpcopy'));
    await shell(server, stop('intercept'));
    const own = `--own-copies ${from[4]}:61000-65535,[${from[6]}]:61000-65535`;
    await shell(server, `intercept -x ${from[4]},${from[6]} ${own} -d`);
    await shell(
      online,
      `tcpcopy -x 80-${to[4]}:8080,80-[${to[6]}]:8080 -s ${from[4]} -c ${from[4]},${from[6]} --metrics 9100 -d`,
    );
    const metric = async (name: string): Promise<number> => {
      const { stdout } = await online.exec(['curl', '-s', 'http://127.0.0.1:9100/metrics']);
      return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stdout.toString())?.[1]);
    };
    await eventually(async () => (await metric('tcpcopy_armed')) === 1);
    await shell(server, 'truncate -cs 0 /var/log/nginx/access.log');
    const client = lab().node('client');
    await shell(client, `head -c 60000 /dev/zero > ${body}`);
    await shell(
      client,
      `curl -sf -${family} -H Expect: --data-binary @${body} http://online/large-${family}`,
    );
    await eventually(async () =>
      (await server.readFile('/var/log/nginx/access.log')).toString().includes(`/large-${family} `),
    );
    expect(await metric('tcpcopy_packets_too_big_total')).toBeGreaterThan(0);
    const log = (await online.readFile('/var/log/tcpcopy.log')).toString();
    expect(log).toContain(`"test_server":"${to[family]}","mtu_bytes":${TAKES_BYTES[family]}`);
    // What comes later is of that size from its beginning.
    const told = await metric('tcpcopy_packets_too_big_total');
    await shell(
      client,
      `curl -sf -${family} -H Expect: --data-binary @${body} http://online/again-${family}`,
    );
    await eventually(async () =>
      (await server.readFile('/var/log/nginx/access.log')).toString().includes(`/again-${family} `),
    );
    expect(await metric('tcpcopy_packets_too_big_total')).toBe(told);
  },
);

test('once the ways are known copies under addresses of the online server are exact over both families', async () => {
  const { verification } = await verifyLab(lab(), { seed: 8, requests: 240 });
  expect(verification.reasons).toEqual([]);
});
