/**
 * Policy routing (ip-rule(8)) where an assistant is behind routers: these have routes to the clients, so each of them is told
 * that what the test server says to them goes to the assistant. The black hole behind that keeps it from the clients'
 * routes if the assistant's network is gone.
 */
import type { Topology, TopologyRoute } from '../../topology/types';
import { addressIn, wayTo, type Hop } from '../../topology/ways';
import { familyOfText, ipOf } from '../families';
import { placedId } from '../networks/networks';
import { BLACK_HOLE_METRIC, removeRoute } from '../parts';
import type { Check, PlanStep } from '../step';

/** Numbers of further routing tables; up to 252 nobody has them (ip-route(8)). */
const FIRST_TABLE = 100;
const WITHIN_MS = 10_000;

/** On each router between the test server and the assistant. */
export function policySteps(topology: Topology, test: string, route: TopologyRoute): PlanStep[] {
  const via = topology.nodes[route.via]!;
  const family = familyOfText(route.sources);
  const hops = wayTo(topology, test, via.network, family)!;
  return hops.flatMap((hop, index) =>
    stepsOn(topology, hop, { test, route, next: hops[index + 1]?.gateway ?? addressIn(via, family)! }),
  );
}

interface Policy {
  readonly test: string;
  readonly route: TopologyRoute;
  /** Whom the router hands responses to. */
  readonly next: string;
}

function stepsOn(topology: Topology, { router }: Hop, { test, route, next }: Policy): PlanStep[] {
  const { sources, via } = route;
  const family = familyOfText(sources);
  const table = String(tableOf(topology, test, route));
  const inTable = (words: readonly string[], id: string, title: string, first: string): PlanStep => {
    const full = [...words, 'table', table];
    return {
      id: `${id}:${router}:${test}:${sources}`,
      title,
      action: { kind: 'command', node: router, argv: ['ip', 'route', 'add', ...full] },
      needs: [placedId(topology, router), placedId(topology, via)],
      checks: [
        inOutput(
          router,
          `table ${table} has ${first}`,
          [...ipOf(family), 'route', 'show', 'table', table],
          first,
        ),
      ],
      undo: [removeRoute(`remove it from table ${table} on ${router}`, router, full)],
    };
  };
  const blackHole = inTable(
    ['blackhole', sources, 'metric', String(BLACK_HOLE_METRIC)],
    'black-hole',
    `black hole on ${router}: no other way from ${test} to ${sources} than a route in table ${table}`,
    `blackhole ${sources}`,
  );
  const way = inTable(
    [sources, 'via', next],
    'route',
    `route on ${router}, table ${table}: responses to ${sources} go to ${via}`,
    `${sources} via ${next}`,
  );
  const address = addressIn(topology.nodes[test]!, family)!;
  const rule = ['from', address, 'to', sources, 'lookup', table];
  const policy: PlanStep = {
    id: `policy:${router}:${test}:${sources}`,
    title: `policy on ${router}: for what ${test} says to ${sources}, table ${table} counts`,
    action: { kind: 'command', node: router, argv: [...ipOf(family), 'rule', 'add', ...rule] },
    needs: [blackHole.id, way.id],
    checks: [
      inOutput(
        router,
        `table ${table} counts for ${test}`,
        [...ipOf(family), 'rule', 'show'],
        rule.join(' '),
      ),
    ],
    undo: [
      {
        title: `remove the policy for ${test} on ${router}`,
        kind: 'command',
        node: router,
        argv: [...ipOf(family), 'rule', 'del', ...rule],
        checks: [],
      },
    ],
  };
  return [blackHole, way, policy];
}

/** The number of the routing table for what a test server says to a range. Copies with the same routes share them. */
export function tableOf(
  { copies }: Topology,
  test: string,
  { sources }: Pick<TopologyRoute, 'sources'>,
): number {
  const key = `${test} ${sources}`;
  const keys = copies.flatMap(({ to, routes = [] }) => routes.map((route) => `${to} ${route.sources}`));
  return FIRST_TABLE + [...new Set(keys)].indexOf(key);
}

function inOutput(node: string, holds: string, argv: readonly string[], text: string): Check {
  return {
    holds: `on ${node}, ${holds}`,
    node,
    argv,
    expect: { stdout: `${text.replaceAll('.', '\\.')}\\s` },
    within_ms: WITHIN_MS,
  };
}
