/** A graph as Mermaid's flowchart (mermaid.js.org/syntax/flowchart.html), which GitHub and GitLab draw in Markdown. */
import type { Graph, WayKind } from './graph';

const ARROWS: Readonly<Record<WayKind, string>> = { requests: '-->', copies: '==>', responses: '-.->' };

export function graphAsMermaid({ networks, boxes, ways }: Graph): string {
  // Names of nodes may be words of Mermaid's own, such as `end`.
  const id = (name: string): string => `n_${name.replaceAll('-', '_')}`;
  return [
    'flowchart LR',
    ...networks.flatMap(({ name, subnet }) => [
      `  subgraph net_${name.replaceAll('-', '_')}["${name} ${subnet}"]`,
      ...boxes
        .filter(({ network }) => network === name)
        .map((box) => `    ${id(box.name)}["${[`<b>${box.name}</b>`, ...box.lines].join('<br/>')}"]`),
      '  end',
    ]),
    ...ways.map(({ kind, from, to, label }) => `  ${id(from)} ${ARROWS[kind]}|"${label}"| ${id(to)}`),
  ].join('\n');
}
