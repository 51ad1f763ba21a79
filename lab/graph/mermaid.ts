/** A graph as Mermaid's flowchart (mermaid.js.org/syntax/flowchart.html), which GitHub and GitLab draw in Markdown. */
import { onEngine, type Graph, type GraphBox, type WayKind } from './graph';

const ARROWS: Readonly<Record<WayKind, string>> = { requests: '-->', copies: '==>', responses: '-.->' };

export function graphAsMermaid({ networks, boxes, ways, links }: Graph): string {
  // Names of nodes may be words of Mermaid's own, such as `end`.
  const id = (name: string): string => `n_${name.replaceAll('-', '_')}`;
  const networkId = (name: string): string => `net_${name.replaceAll('-', '_')}`;
  const drawn = (box: GraphBox): string =>
    `${id(box.name)}["${[`<b>${box.name}</b>`, ...box.lines, ...onEngine(box)].join('<br/>')}"]`;
  return [
    'flowchart LR',
    ...networks.flatMap(({ name, subnet }) => [
      `  subgraph ${networkId(name)}["${name} ${subnet}"]`,
      ...boxes.filter(({ network }) => network === name).map((box) => `    ${drawn(box)}`),
      '  end',
    ]),
    ...boxes.filter(({ network }) => network === undefined).map((box) => `  ${drawn(box)}`),
    ...links.map(({ node, network }) => `  ${id(node)} --- ${networkId(network)}`),
    ...ways.map(({ kind, from, to, label }) => `  ${id(from)} ${ARROWS[kind]}|"${label}"| ${id(to)}`),
  ].join('\n');
}
