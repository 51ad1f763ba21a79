/**
 * The guard of the data-link architecture: the test server routes its responses to assistants, which let nothing on.
 * Behind each route stands a black hole of the same width, so that without the route nothing gets out either: the
 * clients are on the test server's own network, where it could reach them without any route.
 */
import type { Topology, TopologyCopy, TopologyRoute } from '../topology/types';
import { hasBlackHole, ignoresRedirects, letsNothingOn, listens, routesBy, runs } from './checks';
import { buryCopies, controlPort, named, stopProgram, type Guarding, type NamedNode } from './parts';
import type { PlanStep, Undo } from './step';

/** Worse than that of any route which is given none. */
const blackHoleMetric = 4096;

export function dataLinkSteps(topology: Topology, copies: readonly TopologyCopy[]): Guarding {
  const [copy] = copies as readonly [TopologyCopy];
  const test = named(topology, copy.to);
  const routes = copy.routes ?? [];
  const blackHoles = routes.map(({ sources }) => blackHoleStep(test, sources));
  const routing = routes.map((route) => routeStep(test, route, topology.nodes[route.via]!.address));
  const assistants = [...new Set(routes.map(({ via }) => via))];
  const guards = [...blackHoles, ...routing];
  const intercepts = assistants.map((name, index): PlanStep => {
    const filter = `tcp and src port ${test.server!.port}`;
    return {
      id: `intercept:${name}`,
      title: `intercept on ${name}: responses of ${test.name}, port ${test.server!.port}`,
      action: {
        kind: 'command',
        node: name,
        argv: ['intercept', '-i', 'eth0', '-F', filter, ...(copy.intercept ?? []), '-d'],
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

function blackHoleStep({ name }: NamedNode, sources: string): PlanStep {
  const route = ['blackhole', sources, 'metric', String(blackHoleMetric)];
  return {
    id: `black-hole:${name}:${sources}`,
    title: `black hole on ${name}: nothing gets to ${sources} without the route`,
    action: { kind: 'command', node: name, argv: ['ip', 'route', 'add', ...route] },
    needs: [`node:${name}`],
    checks: [hasBlackHole(name, sources), ignoresRedirects(name)],
    undo: [remove(`remove the black hole on ${name}`, name, route)],
  };
}

function routeStep({ name }: NamedNode, { sources, via }: TopologyRoute, gateway: string): PlanStep {
  const route = [sources, 'via', gateway];
  return {
    id: `route:${name}:${sources}`,
    title: `route on ${name}: responses to ${sources} go to ${via}`,
    action: { kind: 'command', node: name, argv: ['ip', 'route', 'add', ...route] },
    needs: [`node:${name}`, `node:${via}`, `black-hole:${name}:${sources}`],
    checks: [routesBy(name, sources, gateway)],
    undo: [remove(`remove the route on ${name}`, name, route)],
  };
}

function remove(title: string, node: string, route: readonly string[]): Undo {
  return { title, kind: 'command', node, argv: ['ip', 'route', 'del', ...route], checks: [] };
}
