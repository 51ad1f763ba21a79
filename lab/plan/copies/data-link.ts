/**
 * The guard of the data-link architecture: the test server routes its responses to assistants, which let nothing on.
 * Behind each route stands a black hole of the same width, so that without the route nothing gets out either: the
 * clients are on the test server's own network, where it could reach them without any route.
 */
import {
  addressAt,
  contains,
  familyIn,
  highestIn,
  parseSubnet,
  placeOf,
  subnetOfOne,
  type Family,
  type Subnet,
} from '../../topology/addresses';
import { familiesOf } from '../../topology/families';
import { deviceOf } from '../../topology/machines';
import { subnetsOf } from '../../topology/subnets';
import type { Topology, TopologyCopy, TopologyRoute } from '../../topology/types';
import { addressesOf, addressIn, firstHop } from '../../topology/ways';
import { hasBlackHole, ignoresRedirects, letsNothingOn, listens, routesBy, runs } from '../checks';
import { familyOfText, iptablesOf } from '../families';
import { inBackground, type Flavour } from '../flavour';
import { placedId } from '../networks/networks';
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
  const families = familiesOf(topology, copy);
  const guards = [...families.map((family) => redirectsStep(test, family)), ...blackHoles, ...routing];
  const intercepts = assistants.map((name, index): PlanStep => {
    const filter = `tcp and src port ${test.server!.port}`;
    const assistant = named(topology, name);
    const device = deviceOf(assistant);
    return {
      id: `intercept:${name}`,
      title: `intercept on ${name}: responses of ${test.name}, port ${test.server!.port}`,
      action: {
        kind: 'command',
        node: name,
        argv: [
          ...['intercept', '-i', device, '-F', filter],
          ...(flavour === 'ours' ? canaryOf(topology, copy, name) : (copy.intercept ?? [])),
          ...inBackground(flavour, 'intercept', assistant),
        ],
      },
      needs: [`node:${name}`, ...guards.map(({ id }) => id)],
      checks: [
        runs(assistant, 'intercept'),
        letsNothingOn(name, families, device),
        listens(name, controlPort),
      ],
      undo: [
        // Before the first of them is stopped.
        ...(index === assistants.length - 1 ? [buryCopies(topology, copies)] : []),
        stopProgram(assistant, 'intercept'),
      ],
    };
  });
  const addresses = assistants.map((name) => addressIn(topology.nodes[name]!, families[0]!)!).join(',');
  return {
    steps: [...guards, ...intercepts],
    intercepts: intercepts.map(({ id }) => id),
    server: () => addresses,
  };
}

/**
 * intercept's further arguments: by default its canaries come from the highest address of each family that is routed to it
 * and that nobody has.
 */
function canaryOf(topology: Topology, { routes = [], intercept = [] }: TopologyCopy, via: string): string[] {
  const own = routes.filter((one) => one.via === via);
  const nobodies = ([4, 6] as const).flatMap((family: Family) => {
    const route = own.find(({ sources }) => familyIn(sources) === family);
    return (route && unusedAddress(topology, parseSubnet(route.sources)!)) ?? [];
  });
  const chosen =
    nobodies.length === 0 || intercept.includes('--canary') ? [] : ['--canary', nobodies.join(',')];
  return [...chosen, ...intercept];
}

function unusedAddress(topology: Topology, range: Subnet): string | undefined {
  const nodes = Object.values(topology.nodes);
  const used = new Set([
    ...nodes.flatMap((node) => addressesOf(node).map((address) => placeOf(address)!)),
    ...subnetsOf(topology).map(({ subnet }) => highestIn(parseSubnet(subnet)!)),
  ]);
  const further = nodes.flatMap(({ sources }) => (sources ? [parseSubnet(sources)!] : []));
  for (let place = highestIn(range); place >= range.base; place -= 1n)
    if (!used.has(place) && !further.some((sources) => contains(sources, place))) return addressAt(place);
  return undefined;
}

/** Of clients whose copies have other addresses (`-c`): the test server has nothing to say to them. */
function unroutedRanges({ nodes }: Topology, { routes = [] }: TopologyCopy): string[] {
  const ranges = routes.map(({ sources }) => parseSubnet(sources)!);
  return Object.values(nodes)
    .filter(({ role }) => role === 'client')
    .flatMap((node) => [
      ...addressesOf(node).map(subnetOfOne),
      ...(node.sources === undefined ? [] : [node.sources]),
    ])
    .filter((text) => !ranges.some((range) => contains(range, parseSubnet(text)!.base)));
}

/**
 * A rule rather than a setting: `ip_forward=0` sets `accept_redirects` to 1, and an engine sets both in any order, so that
 * nobody knows which one was last.
 */
function redirectsStep({ name }: NamedNode, family: Family): PlanStep {
  const [protocol, option] = family === 4 ? ['icmp', '--icmp-type'] : ['icmpv6', '--icmpv6-type'];
  const rule = ['INPUT', '-p', protocol, option, 'redirect', '-j', 'DROP'];
  const iptables = iptablesOf(family);
  return {
    id: `redirects:${name}${family === 6 ? ':6' : ''}`,
    title: `guard on ${name}: nobody shows it another way by ICMP${family === 6 ? 'v6' : ''} redirects`,
    action: { kind: 'command', node: name, argv: [iptables, '-I', ...rule] },
    needs: [`node:${name}`],
    checks: [ignoresRedirects(name, family)],
    undo: [
      {
        title: `remove the guard against redirects on ${name}`,
        kind: 'command',
        node: name,
        argv: [iptables, '-D', ...rule],
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
  const { router, gateway } = firstHop(topology, name, via, familyOfText(sources));
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
