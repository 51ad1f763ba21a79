/** Networks that let no foreign source pass, and clients behind one address. */
import { hostText } from '../../plan/families';
import { copiedAddressesOf } from '../../topology/families';
import type { Topology, TopologyCopy } from '../../topology/types';
import { ScenarioError } from '../stage/errors';
import { defineScenario, type Scenario } from '../stage/scenario';
import type { Stage } from '../stage/stage';

/** What tcpcopy uses when nobody says otherwise. */
const PORTS = '61000-65535';

/** The same as in a cloud: nobody may borrow an address, and copies come from the online server's own. */
function inCloud(topology: Topology): Topology {
  const networks = Object.entries(topology.networks).map(
    ([name, network]) => [name, { ...network, ownSourcesOnly: true }] as const,
  );
  const copy = (one: TopologyCopy): TopologyCopy => {
    const own = copiedAddressesOf(topology, one, one.from);
    const ports = own.map((address) => `${hostText(address)}:${PORTS}`);
    return {
      ...one,
      tcpcopy: [...(one.tcpcopy ?? []), '-c', own.join(',')],
      intercept: [...(one.intercept ?? []), '--own-copies', ports.join(',')],
    };
  };
  return { ...topology, networks: Object.fromEntries(networks), copies: topology.copies.map(copy) };
}

const OWN_REQUESTS = 20;
const OWN_TURNS = 50;

/** The online server's own program: connections to the copied port that are opened and closed all the time. */
async function useTestServer(stage: Stage): Promise<void> {
  const { address, port } = stage.scene.test;
  const server = `${hostText(address)}:${port}`;
  const turn = `ab -q -n ${OWN_REQUESTS} -c 2 'http://${server}/own'`;
  const said = await stage.shell(
    stage.online,
    `for turn in $(seq ${OWN_TURNS}); do ${turn} || echo refused; sleep 0.1; done | grep -cE "^(Failed requests: +[1-9]|Non-2xx|refused)" || true`,
  );
  if (Number(said) > 0)
    throw new ScenarioError(`${said.trim()} turns of the online server's own program failed at ${server}`);
}

/** So few that each is used again within seconds. */
const NAT_PORTS = 64;
const NAT_LASTS_MS = 6_000;
/**
 * Parameters of a client whose ports are free as soon as their connection is over, as behind a NAT with many clients. Those of
 * TCP count for IPv6 as well.
 */
const NAT = {
  'net.ipv4.ip_local_port_range': `40000 ${40_000 + NAT_PORTS - 1}`,
  'net.ipv4.tcp_max_tw_buckets': '0',
} as const;

/** Connections that the client has opened so far (ActiveOpens of RFC 4022). */
const opened = async (stage: Stage): Promise<number> =>
  Number(await stage.shell(stage.client, "awk '/^Tcp: [0-9]/ { print $6 }' /proc/net/snmp"));

/** Lets connections of the client come from few ports meanwhile. */
async function behindNat(stage: Stage, work: () => Promise<void>): Promise<void> {
  const restored = new Map<string, string>();
  for (const name of Object.keys(NAT))
    restored.set(name, (await stage.shell(stage.client, `sysctl -n ${name}`)).trim().replaceAll('\t', ' '));
  try {
    for (const [name, value] of Object.entries(NAT)) await stage.kernelParameter(stage.client, name, value);
    const before = await opened(stage);
    await work();
    const connections = (await opened(stage)) - before;
    if (connections <= 2 * NAT_PORTS)
      throw new ScenarioError(
        `${connections} connections came from ${NAT_PORTS} ports: too few were used again`,
      );
  } finally {
    for (const [name, value] of restored) await stage.kernelParameter(stage.client, name, value);
  }
}

export const cloud: readonly Scenario[] = [
  defineScenario({
    name: 'cloud-own-program',
    title: 'where foreign sources are dropped, copies come under the own address, beside an own program',
    teaches:
      "Copies have ports of their own: what the online server's programs say to the test server is answered all the while.",
    architecture: 'traditional',
    setting: inCloud,
    copying: {},
    expect: { copyingAfterwards: true, missing: 'none' },
    play: useTestServer,
  }),
  defineScenario({
    name: 'cloud-nat',
    title: 'the same, while all clients are behind one address, whose ports are used again within seconds',
    teaches:
      'A port of the clients may be used again at once: its copies have ports of the range, one after the other.',
    architecture: 'traditional',
    setting: inCloud,
    copying: {},
    expect: { copyingAfterwards: true, missing: 'none' },
    play: (stage) => behindNat(stage, () => stage.wait(NAT_LASTS_MS)),
  }),
];
