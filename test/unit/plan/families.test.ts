import { planFor } from '../../../lab/plan/plan';
import { quoted } from '../../../lab/plan/words';
import { validateTopology } from '../../../lab/topology/rules/validate';
import type { Topology } from '../../../lab/topology/types';
import dataLink from '../../../topologies/data-link';
import dataLink6 from '../../../topologies/data-link-ipv6';
import dualStack from '../../../topologies/dual-stack';
import routedDataLink from '../../../topologies/routed-data-link';
import ipv6 from '../../../topologies/traditional-ipv6';

const typed = (topology: Topology, bare = false): string[] =>
  planFor(topology, { bare }).steps.flatMap(({ action }) =>
    action.kind === 'command' ? [`${action.node}: ${quoted(action.argv)}`] : [],
  );
/** What the copy adds to the nodes and their servers. */
const ofCopy = (topology: Topology): string[] => {
  const before = typed(topology, true);
  return typed(topology).filter((line) => !before.includes(line));
};

test('no node has a way out of the lab over IPv6, where the engine gives it one', () => {
  const lines = typed(ipv6, true);
  for (const node of ['client', 'online', 'test'])
    expect(lines).toContain(`${node}: ip -6 route flush exact default`);
  expect(typed(dataLink, true).join()).not.toContain('flush');
});

test('over IPv6 the copy is set up by its own guard, and a route for the proof of it', () => {
  expect(ofCopy(ipv6)).toEqual([
    'test: ip6tables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
    'test: ip route add 100::/64 dev lo',
    'test: intercept -x 198.18.27.20,2001:2:0:27::20 -b 2001:2:0:27::30 -d',
    "online: tcpcopy -x '80-[2001:2:0:27::30]:8080' -s 2001:2:0:27::20 -d",
  ]);
});

test('a copy of both families has a guard for each, one queue, and one command line on each side', () => {
  expect(ofCopy(dualStack)).toEqual([
    'test: iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
    'test: ip6tables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
    'test: ip route add 100::/64 dev lo',
    'test: intercept -x 198.18.28.20,2001:2:0:28::20 -d',
    "online: tcpcopy -x '80-198.18.28.30:8080,80-[2001:2:0:28::30]:8080' -s 198.18.28.20 -d",
  ]);
});

test('of a dual-stack topology one family may be copied', () => {
  const only = (family: 4 | 6): string[] =>
    ofCopy({ ...dualStack, copies: dualStack.copies.map((copy) => ({ ...copy, family })) });
  expect(only(4).at(-1)).toBe('online: tcpcopy -x 80-198.18.28.30:8080 -s 198.18.28.20 -d');
  expect(only(4).join()).not.toContain('ip6tables');
  expect(only(6).at(-1)).toBe("online: tcpcopy -x '80-[2001:2:0:28::30]:8080' -s 2001:2:0:28::20 -d");
  expect(only(6).join()).not.toContain('iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE,test: iptables');
});

test('intercept starts when the guards of both families stand', () => {
  const { steps } = planFor(dualStack);
  expect(steps.find(({ id }) => id === 'intercept:test')!.needs).toEqual([
    'guard:test',
    'guard:test:6',
    'guard:test:discard',
  ]);
});

test('over IPv6 the data-link guard is the same, and nobody shows another way by ICMPv6', () => {
  expect(validateTopology(dataLink6)).toEqual([]);
  expect(ofCopy(dataLink6)).toEqual([
    'test: ip6tables -I INPUT -p icmpv6 --icmpv6-type redirect -j DROP',
    'test: ip route add blackhole 2001:2:0:29::8000/113 metric 4096',
    'test: ip route add blackhole 198.18.29.130/32 metric 4096',
    'test: ip route add 2001:2:0:29::8000/113 via 2001:2:0:29::40',
    "assistant: intercept -i eth0 -F 'tcp and src port 8080' --canary 2001:2:0:29::ffff -d",
    "online: tcpcopy -x '80-[2001:2:0:29::30]:8080' -s 2001:2:0:29::40 -d",
  ]);
});

test('a data-link copy needs a route for clients of each family that it copies', () => {
  const copies = dataLink6.copies.map(({ from, to, architecture, routes = [] }) => ({
    from,
    to,
    architecture,
    routes,
  }));
  const faults = validateTopology({ ...dataLink6, copies });
  expect(faults.map(({ message }) => message)).toEqual(['none is for clients of IPv4']);
});

test('behind routers, a policy for IPv6 is one of IPv6', () => {
  const { networks, nodes, copies } = routedDataLink;
  const numbers: Record<string, number> = { home: 52, front: 53, rehearsal: 54, sink: 55 };
  const six = (network: string, host: number | string): string => `2001:2:0:${numbers[network]}::${host}`;
  const topology: Topology = {
    ...routedDataLink,
    networks: Object.fromEntries(
      Object.entries(networks).map(([name, one]) => [
        name,
        { ...one, subnet6: `2001:2:0:${numbers[name]}::/64` },
      ]),
    ),
    nodes: {
      client: { ...nodes['client']!, address6: six('home', 8030) },
      online: { ...nodes['online']!, address6: six('front', 20) },
      test: { ...nodes['test']!, address6: six('rehearsal', 30) },
      assistant: { ...nodes['assistant']!, address6: six('sink', 40) },
      router: {
        ...nodes['router']!,
        address6: six('home', 2),
        networks6: { front: six('front', 2), rehearsal: six('rehearsal', 2), sink: six('sink', 2) },
      },
    },
    copies: [
      { ...copies[0]!, family: 6, routes: [{ sources: `${six('home', 8000)}/113`, via: 'assistant' }] },
    ],
  };
  expect(validateTopology(topology)).toEqual([]);
  const lines = typed(topology);
  expect(lines).toContain('router: ip -6 rule add from 2001:2:0:54::30 to 2001:2:0:52::8000/113 lookup 100');
  expect(lines).toContain('router: ip route add 2001:2:0:52::8000/113 via 2001:2:0:55::40 table 100');
  expect(lines).toContain('test: ip route add 2001:2:0:52::8000/113 via 2001:2:0:54::2');
  expect(lines).toContain('online: ip route add 2001:2:0:54::/64 via 2001:2:0:53::2');
  // To the clients' own network there is no route of IPv6 either, but one to each server there.
  expect(lines.join('\n')).not.toContain('test: ip route add 2001:2:0:52::/64');
});
