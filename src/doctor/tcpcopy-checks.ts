/** Why tcpcopy's packets may not reach a test server, and how it stands with intercept. */
import { passedOf, reachesInto, usedByPrograms } from '../passlist/own-ports';
import { formatOwnCopies } from '../passlist/passlist';
import { formatRange } from '../passlist/port-range';
import { formatAddress, parseAddress } from '../wire/address/address';
import { fateOf } from '../firewall/fate';
import { ANYBODY, requestsTo } from '../firewall/flow';
import { WAY_OUT } from '../firewall/walk';
import { cores } from './busy-check';
import { captureChecks } from './capture-checks';
import { controlChecks } from './control-checks';
import { ok, unknown, wrong, type Check, type Finding } from './diagnosis';
import type { Device, TcpcopyFacts, Way } from './facts';
import { iptablesOf } from '../firewall/tools';
import { endpointText, familyOfText, ipOf, ofFamily } from './families';
import { conntrack, fateFinding, privileges, rulesReadable, running } from './machine-checks';

const testServersOf = ({ transfers }: TcpcopyFacts): string[] => [
  ...new Set(transfers.map(({ testAddress }) => testAddress)),
];

const deviceOf = ({ machine }: TcpcopyFacts, way: Way | undefined): Device | undefined =>
  way?.kind === 'goes' ? machine.devices.find(({ name }) => name === way.device) : undefined;

const route: Check<TcpcopyFacts> = {
  id: 'route',
  find: (facts) => testServersOf(facts).map((server) => routeFinding(facts, server)),
};

function routeFinding(facts: TcpcopyFacts, server: string): Finding {
  const way = facts.ways.get(server);
  if (!way) return unknown(`the route to ${server} was not asked for`);
  if (way.kind === 'nowhere') {
    // Without its device a route is gone as well: the device is the cause.
    const down = facts.machine.devices.find(({ up, loopback }) => !up && !loopback);
    if (down)
      return wrong(
        'device-down',
        `${down.name} is down, and there is no route to ${server} (${way.reason})`,
        `ip link set ${down.name} up`,
      );
    return wrong(
      'test-server-unreachable',
      `there is no route to ${server}: ${way.reason}`,
      `${ipOf(familyOfText(server))} route add ${server} via <gateway> (see ip route get ${server})`,
    );
  }
  if (way.kind === 'local') return ok(`${server} is this machine`);
  const device = deviceOf(facts, way);
  const by = `${server} is reached by ${way.device}${way.gateway === undefined ? '' : ` and ${way.gateway}`}`;
  if (device && !device.carrier)
    return wrong(
      'device-down',
      `${by}, which has no carrier`,
      `is its cable or peer there? see ip link show ${way.device}`,
    );
  return ok(by);
}

const neighbour: Check<TcpcopyFacts> = {
  id: 'neighbour',
  find: (facts) =>
    testServersOf(facts).flatMap((server) => {
      const way = facts.ways.get(server);
      if (way?.kind !== 'goes') return [];
      const hop = way.gateway ?? server;
      const state = facts.neighbours.get(server);
      if (state === undefined) return [unknown(`nothing was sent to ${hop} yet`)];
      if (state !== 'FAILED' && state !== 'INCOMPLETE') return [ok(`${hop} is known (${state})`)];
      return [
        wrong(
          'next-hop-silent',
          `${hop} does not answer ${familyOfText(hop) === 6 ? 'neighbour solicitations' : 'ARP'} on ${way.device} (${state})`,
          `is ${hop} on, and on this network? see ip neigh show ${hop}`,
        ),
      ];
    }),
};

const mtu: Check<TcpcopyFacts> = {
  id: 'mtu',
  find: (facts) =>
    testServersOf(facts).flatMap((server) => {
      const way = facts.ways.get(server);
      const device = deviceOf(facts, way);
      if (way?.kind !== 'goes' || !device) return [];
      const takes_bytes = Math.min(device.mtu_bytes, way.mtu_bytes ?? Infinity);
      const evidence = `packets of up to ${facts.mtu_bytes} bytes; the way to ${server} by ${device.name} takes ${takes_bytes}`;
      if (facts.mtu_bytes <= takes_bytes) return [ok(evidence)];
      return [wrong('mtu-too-large', evidence, `tcpcopy -M ${takes_bytes}`)];
    }),
};

const output: Check<TcpcopyFacts> = {
  id: 'output',
  find: ({ machine: { rules }, transfers, ways, sourceAddresses }) => {
    return transfers.flatMap(({ testAddress, testPort }) => {
      const family = familyOfText(testAddress);
      const set = rules[family];
      if (!set) return [];
      const way = ways.get(testAddress);
      const list = ofFamily(family, sourceAddresses);
      const from = list.length > 0 ? ({ are: 'among', list } as const) : ANYBODY;
      const flow = requestsTo([testAddress], testPort, way?.kind === 'goes' ? [way.device] : [], from);
      return [
        fateFinding(
          family,
          fateOf(set, WAY_OUT, flow),
          `packets to ${endpointText(testAddress, testPort)}`,
          'output-dropped',
          `${iptablesOf(family)} -I OUTPUT -d ${testAddress} -p tcp --dport ${testPort} -j ACCEPT`,
        ),
      ];
    });
  },
};

const sources: Check<TcpcopyFacts> = {
  id: 'source-addresses',
  find({ machine, sourceAddresses, own, control, ways, transfers }) {
    const local = new Set(own?.addresses.map(formatAddress));
    for (const { intercept, passlist } of control) {
      const passed = sourceAddresses.find((address) => !local.has(address) && passlist.includes(address));
      if (passed !== undefined)
        return [
          wrong(
            'source-on-passlist',
            `-c names ${passed}, which is on the passlist of intercept at ${intercept}`,
            `give -c other addresses, or take ${passed} off intercept's -x`,
          ),
        ];
    }
    const isOwn = sourceAddresses.length > 0 && sourceAddresses.every((address) => local.has(address));
    const isChosen = sourceAddresses.length > 0 && machine.cloud === undefined;
    if (isOwn || isChosen) return [ok(`copies come from ${told(sourceAddresses)}`)];
    const routed = transfers.some(({ testAddress }) => {
      const way = ways.get(testAddress);
      return way?.kind === 'goes' && way.gateway !== undefined;
    });
    const evidence =
      sourceAddresses.length > 0
        ? `copies come from ${told(sourceAddresses)}, which this machine does not have`
        : "copies come from the clients' own addresses";
    if (machine.cloud !== undefined || routed) {
      const where = machine.cloud !== undefined ? ` in a cloud (${machine.cloud})` : ' over a gateway';
      return [
        unknown(
          `${evidence},${where}: what drops foreign sources there would drop the copy`,
          "look with tcpdump on the test server whether SYNs arrive; else allow foreign sources, or give this machine's own address with -c, and intercept --own-copies",
        ),
      ];
    }
    return [ok(evidence)];
  },
};

const ownSources: Check<TcpcopyFacts> = {
  id: 'own-sources',
  find({ own, control }) {
    if (!own) return [];
    const found: Finding[] = control.flatMap(({ intercept, passlist, ownCopies }) => {
      const addresses = passlist.flatMap((text) => parseAddress(text) ?? []);
      return passedOf(own, { addresses, ownCopies }).map((address) =>
        wrong(
          'own-copies-missing',
          `intercept at ${intercept} lets through what is sent to ${formatAddress(address)}, and ports ${formatRange(own.ports)} are not excepted`,
          `intercept --own-copies ${formatOwnCopies({ address, ports: own.ports })}`,
        ),
      );
    });
    const given = own.givenOut && reachesInto(own.givenOut, own.ports);
    if (given) found.push(wrong('source-ports-given-out', given.reason, given.next));
    const used = usedByPrograms(own, own.used);
    if (used) found.push(wrong('source-ports-in-use', used.reason, used.next));
    const evidence = `copies have ports ${formatRange(own.ports)} of ${told(own.addresses.map(formatAddress))}`;
    return found.length > 0 ? found : [ok(evidence)];
  },
};

const told = (addresses: readonly string[]): string =>
  addresses.length > 3 ? `${addresses.length} addresses from ${addresses[0]!} on` : addresses.join(', ');

const ports: Check<TcpcopyFacts> = {
  id: 'source-ports',
  find({ clients, copies, portsPerAddress, sourceAddresses, own }) {
    if (!clients || clients.length === 0) return [];
    const sizes = [...clientCounts(clients.map(({ peer }) => peer)).values()];
    const most =
      sourceAddresses.length > 0 ? Math.ceil(clients.length / sourceAddresses.length) : Math.max(0, ...sizes);
    const needed = most * copies;
    const each = sourceAddresses.length > 0 ? 'each address of -c' : 'one client address';
    const evidence = `${most} open connections of ${each}, -n ${copies}: ${needed} of ${portsPerAddress} ports`;
    if (needed <= portsPerAddress) return [ok(evidence)];
    return [
      wrong(
        'ports-too-few',
        evidence,
        `tcpcopy -n ${Math.max(1, Math.floor(portsPerAddress / most))}, ${own ? 'wider --source-ports (and intercept --own-copies), ' : ''}or more addresses with -c`,
      ),
    ];
  },
};

function clientCounts(peers: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const peer of peers) counts.set(peer, (counts.get(peer) ?? 0) + 1);
  return counts;
}

export const tcpcopyChecks: readonly Check<TcpcopyFacts>[] = [
  privileges,
  rulesReadable,
  ...captureChecks,
  route,
  neighbour,
  mtu,
  output,
  conntrack,
  sources,
  ownSources,
  ports,
  ...controlChecks,
  running('tcpcopy'),
  cores,
];
