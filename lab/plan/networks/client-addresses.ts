/** A client that stands for a whole network behind it: its node answers for many addresses. */
import type { Topology } from '../../topology/types';
import { addressIn, isOn } from '../../topology/ways';
import { routesBy } from '../checks';
import { familyOfText } from '../families';
import { removeRoute } from '../parts';
import type { Check, PlanStep } from '../step';

export function clientAddressSteps({ nodes }: Topology): PlanStep[] {
  return Object.entries(nodes).flatMap(([name, { network, address, address6, sources }]) => {
    if (sources === undefined) return [];
    const own = addressIn({ address, address6 }, familyOfText(sources))!;
    const local = addressesStep(name, sources);
    // By a route its neighbours need the client's own hardware address only, and not one for each of its addresses.
    const servers = Object.entries(nodes).filter(
      ([, node]) => (node.role === 'online' || node.role === 'router') && isOn(node, network),
    );
    return [
      local,
      ...servers.map(([server]) => routeStep(server, { name, address: own, sources }, local.id)),
    ];
  });
}

function addressesStep(name: string, sources: string): PlanStep {
  const route = ['local', sources, 'dev', 'lo'];
  return {
    id: `addresses:${name}`,
    title: `addresses of ${name}: all of ${sources}`,
    action: { kind: 'command', node: name, argv: ['ip', 'route', 'add', ...route] },
    needs: [`node:${name}`],
    checks: [hasAddresses(name, sources)],
    undo: [removeRoute(`take ${sources} from ${name}`, name, route)],
  };
}

function routeStep(
  server: string,
  client: { readonly name: string; readonly address: string; readonly sources: string },
  after: string,
): PlanStep {
  const route = [client.sources, 'via', client.address];
  return {
    id: `route:${server}:${client.sources}`,
    title: `route on ${server}: ${client.sources} is behind ${client.name}`,
    action: { kind: 'command', node: server, argv: ['ip', 'route', 'add', ...route] },
    needs: [`node:${server}`, after],
    checks: [routesBy(server, client.sources, client.address)],
    undo: [removeRoute(`remove the route to ${client.name} on ${server}`, server, route)],
  };
}

function hasAddresses(node: string, range: string): Check {
  return {
    holds: `${node} answers for ${range}`,
    node,
    argv: ['ip', 'route', 'get', range.replace(/\/.*/, '')],
    expect: { stdout: '^local ' },
    within_ms: 10_000,
  };
}
