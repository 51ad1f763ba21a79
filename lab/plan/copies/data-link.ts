/**
 * The guard of the data-link architecture: the test server routes its responses to assistants, which let nothing on.
 * Behind each route stands a black hole of the same width, so that without the route nothing gets out either: the
 * clients are on the test server's own network, where it could reach them without any route.
 */
import {
  broadcastOf,
  contains,
  formatAddress,
  parseAddress,
  parseSubnet,
  type Subnet,
} from '../../topology/addresses';
import type { Topology, TopologyCopy, TopologyRoute } from '../../topology/types';
import { firstHop, footholdsOf } from '../../topology/ways';
import { hasBlackHole, ignoresRedirects, letsNothingOn, listens, routesBy, runs } from '../checks';
import { inBackground, type Flavour } from '../flavour';
import { placedId } from '../networks';
import {
  BLACK_HOLE_METRIC,
  buryCopies,
  controlPort,
  named,
  removeRoute,
  stopProgram,
  type Guarding,
  type NamedNode,
} from '../parts';
import { policySteps } from './policy';
import type { PlanStep } from '../step';

export function dataLinkSteps(
  topology: Topology,
  copies: readonly TopologyCopy[],
  flavour: Flavour,
): Guarding {
  const [copy] = copies as readonly [TopologyCopy];
  const test = named(topology, copy.to);
  const routes = copy.routes ?? [];
  const blackHoles = [...routes.map(({ sources }) => sources), ...unroutedRanges(topology, copy)].map(
    (range) => blackHoleStep(test, range),
  );
  const routing = routes.flatMap((route) => [
    ...policySteps(topology, test.name, route),
    routeStep(topology, test, route),
  ]);
  const assistants = [...new Set(routes.map(({ via }) => via))];
  const guards = [redirectsStep(test), ...blackHoles, ...routing];
  const intercepts = assistants.map((name, index): PlanStep => {
    const filter = `tcp and src port ${test.server!.port}`;
    return {
      id: `intercept:${name}`,
      title: `intercept on ${name}: responses of ${test.name}, port ${test.server!.port}`,
      action: {
        kind: 'command',
        node: name,
        argv: [
          ...['intercept', '-i', 'eth0', '-F', filter],
          ...(flavour === 'ours' ? canaryOf(topology, copy, name) : (copy.intercept ?? [])),
          ...inBackground(flavour, 'intercept'),
        ],
      },
      needs: [`node:${name}`, ...guards.map(({ id }) => id)],
      checks: [runs(name, 'intercept'), letsNothingOn(name), listens(name, controlPort)],
      undo: [
        // Before the first of them is stopped.
        ...(index === assistants.length - 1 ? [buryCopies(topology, copies)] : []),
        stopProgram(name, 'intercept'),
      ],
    };
  });
  const addresses = assistants.map((name) => topology.nodes[name]!.address).join(',');
  return {
    steps: [...guards, ...intercepts],
    intercepts: intercepts.map(({ id }) => id),
    server: () => addresses,
  };
}

/**
 * intercept's further arguments: by default its canaries come from the highest address that is routed to it and that
 * nobody has.
 */
function canaryOf(topology: Topology, { routes = [], intercept = [] }: TopologyCopy, via: string): string[] {
  const route = routes.find((one) => one.via === via);
  const nobody = route && unusedAddress(topology, parseSubnet(route.sources)!);
  const chosen = nobody === undefined || intercept.includes('--canary') ? [] : ['--canary', nobody];
  return [...chosen, ...intercept];
}

function unusedAddress({ nodes, networks }: Topology, range: Subnet): string | undefined {
  const used = new Set([
    ...Object.values(nodes).flatMap((node) => footholdsOf(node).map(({ address }) => parseAddress(address)!)),
    ...Object.values(networks).map(({ subnet }) => broadcastOf(parseSubnet(subnet)!)),
  ]);
  const further = Object.values(nodes).flatMap(({ sources }) => (sources ? [parseSubnet(sources)!] : []));
  for (let address = broadcastOf(range); address >= range.base; address -= 1)
    if (!used.has(address) && !further.some((sources) => contains(sources, address)))
      return formatAddress(address);
  return undefined;
}

/** Of clients whose copies have other addresses (`-c`): the test server has nothing to say to them. */
function unroutedRanges({ nodes }: Topology, { routes = [] }: TopologyCopy): string[] {
  const ranges = routes.map(({ sources }) => parseSubnet(sources)!);
  return Object.values(nodes)
    .filter(({ role }) => role === 'client')
    .flatMap(({ address, sources }) => [`${address}/32`, ...(sources === undefined ? [] : [sources])])
    .filter((text) => !ranges.some((range) => contains(range, parseSubnet(text)!.base)));
}

/**
 * A rule rather than a setting: `ip_forward=0` sets `accept_redirects` to 1, and an engine sets both in any order, so that
 * nobody knows which one was last.
 */
function redirectsStep({ name }: NamedNode): PlanStep {
  const rule = ['INPUT', '-p', 'icmp', '--icmp-type', 'redirect', '-j', 'DROP'];
  return {
    id: `redirects:${name}`,
    title: `guard on ${name}: nobody shows it another way by ICMP redirects`,
    action: { kind: 'command', node: name, argv: ['iptables', '-I', ...rule] },
    needs: [`node:${name}`],
    checks: [ignoresRedirects(name)],
    undo: [
      {
        title: `remove the guard against redirects on ${name}`,
        kind: 'command',
        node: name,
        argv: ['iptables', '-D', ...rule],
        checks: [],
      },
    ],
  };
}

function blackHoleStep({ name }: NamedNode, sources: string): PlanStep {
  const route = ['blackhole', sources, 'metric', String(BLACK_HOLE_METRIC)];
  return {
    id: `black-hole:${name}:${sources}`,
    title: `black hole on ${name}: no other way to ${sources} than a route`,
    action: { kind: 'command', node: name, argv: ['ip', 'route', 'add', ...route] },
    needs: [`node:${name}`],
    checks: [hasBlackHole(name, sources)],
    undo: [removeRoute(`remove the black hole on ${name}`, name, route)],
  };
}

function routeStep(topology: Topology, { name }: NamedNode, { sources, via }: TopologyRoute): PlanStep {
  const { router, gateway } = firstHop(topology, name, via);
  const route = [sources, 'via', gateway];
  return {
    id: `route:${name}:${sources}`,
    title: `route on ${name}: responses to ${sources} go to ${router === via ? via : `${via}, by ${router}`}`,
    action: { kind: 'command', node: name, argv: ['ip', 'route', 'add', ...route] },
    needs: [placedId(topology, name), placedId(topology, router), `black-hole:${name}:${sources}`],
    checks: [routesBy(name, sources, gateway)],
    undo: [removeRoute(`remove the route on ${name}`, name, route)],
  };
}
