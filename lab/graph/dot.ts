/** A graph in the DOT language of Graphviz (graphviz.org/doc/info/lang.html). */
import { COLOURS, LINK_COLOUR } from './colours';
import { onEngine, type Graph, type GraphBox, type WayKind } from './graph';

const STYLES: Readonly<Record<WayKind, string>> = { requests: 'solid', copies: 'bold', responses: 'dashed' };

export function graphAsDot({ name, networks, boxes, ways, links }: Graph): string {
  const drawn = (box: GraphBox): string =>
    `"${box.name}" [label="${[box.name, ...box.lines, ...onEngine(box)].join('\\n')}"];`;
  // A network is a cluster, which an edge leads to by a node in it (lhead).
  const within = (network: string): string | undefined => boxes.find((box) => box.network === network)?.name;
  return [
    `digraph "${name}" {`,
    '  rankdir=LR;',
    '  compound=true;',
    '  node [shape=box, fontname="sans-serif"];',
    '  edge [fontname="sans-serif"];',
    ...networks.flatMap((network) => [
      `  subgraph "cluster_${network.name}" {`,
      `    label="${network.name} ${network.subnet}";`,
      ...boxes.filter((box) => box.network === network.name).map((box) => `    ${drawn(box)}`),
      '  }',
    ]),
    ...boxes.filter(({ network }) => network === undefined).map((box) => `  ${drawn(box)}`),
    ...links.flatMap(({ node, network }) => {
      const end = within(network);
      return end === undefined
        ? []
        : [`  "${node}" -> "${end}" [lhead="cluster_${network}", dir=none, color="${LINK_COLOUR}"];`];
    }),
    ...ways.map(
      ({ kind, from, to, label }) =>
        `  "${from}" -> "${to}" [label="${label}", style=${STYLES[kind]}, color="${COLOURS[kind]}"];`,
    ),
    '}',
  ].join('\n');
}
