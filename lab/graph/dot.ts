/** A graph in the DOT language of Graphviz (graphviz.org/doc/info/lang.html). */
import { COLOURS } from './colours';
import type { Graph, WayKind } from './graph';

const STYLES: Readonly<Record<WayKind, string>> = { requests: 'solid', copies: 'bold', responses: 'dashed' };

export function graphAsDot({ name, networks, boxes, ways }: Graph): string {
  return [
    `digraph "${name}" {`,
    '  rankdir=LR;',
    '  node [shape=box, fontname="sans-serif"];',
    '  edge [fontname="sans-serif"];',
    ...networks.flatMap((network) => [
      `  subgraph "cluster_${network.name}" {`,
      `    label="${network.name} ${network.subnet}";`,
      ...boxes
        .filter((box) => box.network === network.name)
        .map((box) => `    "${box.name}" [label="${[box.name, ...box.lines].join('\\n')}"];`),
      '  }',
    ]),
    ...ways.map(
      ({ kind, from, to, label }) =>
        `  "${from}" -> "${to}" [label="${label}", style=${STYLES[kind]}, color="${COLOURS[kind]}"];`,
    ),
    '}',
  ].join('\n');
}
