/** A topology as a picture has it: boxes on networks, and the ways between them. */
import { serverName } from '../topology/servers/server-name';
import type { Role, Topology } from '../topology/types';
import { footholdsOf } from '../topology/ways';

export interface GraphBox {
  readonly name: string;
  readonly role: Role;
  /** Undefined of a router, which stands between them. */
  readonly network: string | undefined;
  /** Name of the engine that it runs on; undefined where there is one. */
  readonly engine: string | undefined;
  /** What stands in it, a line each: its address first. */
  readonly lines: readonly string[];
}

export type WayKind =
  /** What clients say to a server. */
  | 'requests'
  /** What tcpcopy sends to the test server. */
  | 'copies'
  /** What the test server would say to clients, up to where it is dropped. */
  | 'responses';

export interface GraphWay {
  readonly kind: WayKind;
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** A node on a network that its box does not stand on. */
export interface GraphLink {
  readonly node: string;
  readonly network: string;
  readonly address: string;
}

export interface Graph {
  readonly name: string;
  readonly networks: readonly { readonly name: string; readonly subnet: string }[];
  readonly boxes: readonly GraphBox[];
  readonly ways: readonly GraphWay[];
  readonly links: readonly GraphLink[];
}

export function graphOf(topology: Topology): Graph {
  const { name, networks, nodes, copies } = topology;
  const boxes = Object.entries(nodes).map(
    ([node, { role, network, address, networks: further, sources, server, on }]) => ({
      name: node,
      role,
      network: role === 'router' ? undefined : network,
      engine: typeof on === 'object' ? on.ssh : on,
      lines: [
        address,
        ...Object.values(further ?? {}),
        ...(sources === undefined ? [] : [`and ${sources}`]),
        ...(server ? [`${serverName(server)}, port ${server.port}`] : []),
        ...programsOn(topology, node),
        ...routedTo(topology, node).map((range) => `for ${range}`),
      ],
    }),
  );
  const clients = boxes.filter(({ role }) => role === 'client');
  const online = boxes.filter(({ role }) => role === 'online');
  return {
    name,
    networks: Object.entries(networks).map(([network, { subnet }]) => ({ name: network, subnet })),
    boxes,
    links: Object.entries(nodes).flatMap(([node, placed]) =>
      footholdsOf(placed)
        .slice(placed.role === 'router' ? 0 : 1)
        .map((foothold) => ({ node, ...foothold })),
    ),
    ways: [
      ...clients.flatMap((client) =>
        online.map((server) => ({
          kind: 'requests' as const,
          from: client.name,
          to: server.name,
          label: 'requests',
        })),
      ),
      ...copies.map(({ from, to, architecture }) => ({
        kind: 'copies' as const,
        from,
        to,
        label: architecture === 'offline' ? 'a capture' : 'copies',
      })),
      ...unique(
        copies.flatMap(({ to, routes = [] }) =>
          routes.map(({ via }) => ({
            kind: 'responses' as const,
            from: to,
            to: via,
            label: 'responses',
          })),
        ),
      ),
    ],
  };
}

/** Several copies to one test server share its routes. */
const unique = (ways: readonly GraphWay[]): GraphWay[] => [
  ...new Map(ways.map((way) => [`${way.from} ${way.to}`, way])).values(),
];

/** Of whom an assistant takes the responses. */
const routedTo = ({ copies }: Topology, node: string): string[] => [
  ...new Set(
    copies.flatMap(({ routes = [] }) =>
      routes.filter(({ via }) => via === node).map(({ sources }) => sources),
    ),
  ),
];

function programsOn({ copies }: Topology, node: string): string[] {
  const programs = copies.flatMap(({ architecture, from, to, routes = [] }) => {
    if (architecture === 'offline') return node === to ? ['tcpcopy -i', 'intercept, NFQUEUE'] : [];
    if (node === from) return ['tcpcopy'];
    if (architecture === 'traditional') return node === to ? ['intercept, NFQUEUE'] : [];
    return routes.some(({ via }) => via === node) ? ['intercept'] : [];
  });
  return [...new Set(programs)];
}

/** In words, where a picture has no frames for engines. */
export const onEngine = ({ engine }: GraphBox): string[] => (engine === undefined ? [] : [`on ${engine}`]);

/** Names of engines that what is on a network runs on, in the order of the boxes; none where there is one engine. */
export const enginesOf = ({ boxes, links }: Graph, network: string): string[] => {
  const isOn = ({ name, network: own }: GraphBox): boolean =>
    own === network || links.some((link) => link.node === name && link.network === network);
  return [...new Set(boxes.flatMap((box) => (isOn(box) ? (box.engine ?? []) : [])))];
};
