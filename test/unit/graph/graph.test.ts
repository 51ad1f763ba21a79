import { readFileSync } from 'node:fs';
import { graphAsDot } from '../../../lab/graph/dot';
import { graphOf } from '../../../lab/graph/graph';
import { graphAsMermaid } from '../../../lab/graph/mermaid';
import { graphAsSvg } from '../../../lab/graph/svg';
import { placedOn } from '../../../lab/plan/placement';
import manyOnline from '../../../topologies/many-online';
import offline from '../../../topologies/offline';
import routed from '../../../topologies/routed';
import dataLink from '../../../topologies/data-link';
import traditional from '../../../topologies/traditional';

test('boxes hold what stands in them, and ways lead from clients to where responses end', () => {
  const { boxes, ways } = graphOf(manyOnline);
  expect(boxes.find(({ name }) => name === 'assistant-b')!.lines).toEqual([
    '198.18.13.41',
    'intercept',
    'for 198.18.13.192/26',
  ]);
  expect(ways.filter(({ kind }) => kind === 'requests')).toHaveLength(6);
  expect(ways.filter(({ kind }) => kind === 'copies').map(({ from }) => from)).toEqual([
    'online-a',
    'online-b',
    'online-c',
  ]);
  // Three copies share the test server's two routes.
  expect(ways.filter(({ kind }) => kind === 'responses').map(({ to }) => to)).toEqual([
    'assistant-a',
    'assistant-b',
  ]);
});

test('offline, the programs stand on the test server, and a capture takes the way of copies', () => {
  const { boxes, ways } = graphOf(offline);
  expect(boxes.find(({ role }) => role === 'online')!.lines).not.toContain('tcpcopy');
  expect(boxes.find(({ role }) => role === 'test')!.lines).toContain('tcpcopy -i');
  expect(ways.at(-1)).toMatchObject({ kind: 'copies', label: 'a capture' });
});

test('Mermaid gets a subgraph for each network, and identifiers that are no words of its own', () => {
  expect(graphAsMermaid(graphOf(traditional)).split('\n')).toEqual([
    'flowchart LR',
    '  subgraph net_lan["lan 198.18.10.0/24"]',
    '    n_client["<b>client</b><br/>198.18.10.10"]',
    '    n_online["<b>online</b><br/>198.18.10.20<br/>nginx, port 80<br/>tcpcopy"]',
    '    n_test["<b>test</b><br/>198.18.10.30<br/>nginx, port 8080<br/>intercept, NFQUEUE"]',
    '  end',
    '  n_client -->|"requests"| n_online',
    '  n_online ==>|"copies"| n_test',
  ]);
});

test('Graphviz gets a cluster for each network', () => {
  const lines = graphAsDot(graphOf(traditional)).split('\n');
  expect(lines[0]).toBe('digraph "traditional" {');
  expect(lines).toContain('  subgraph "cluster_lan" {');
  expect(lines).toContain('  "online" -> "test" [label="copies", style=bold, color="#2e8b57"];');
  expect(lines.at(-1)).toBe('}');
});

describe('a router', () => {
  const graph = graphOf(routed);

  test('stands between networks, with its address in each', () => {
    expect(graph.boxes.find(({ role }) => role === 'router')).toMatchObject({
      network: undefined,
      lines: ['198.18.48.2', '198.18.49.2', '198.18.50.2', '198.18.51.2'],
    });
    expect(graphAsMermaid(graph)).toMatch(/\n {2}n_router\[[^]*\n {2}n_router --- net_rehearsal\n/);
    expect(graphAsDot(graph)).toContain('  "router" -> "test" [lhead="cluster_rehearsal", dir=none');
  });

  test('has a line to whatever is on its networks in the SVG, and is named there', () => {
    const svg = graphAsSvg(graph);
    expect(svg.match(/stroke-width="1"\/>/g)).toHaveLength(4);
    expect(svg).toContain('network front, 198.18.50.0/24: online, router');
  });
});

describe('on several engines', () => {
  const placed = graphOf(placedOn(dataLink, ['a', 'b']));
  const picture = graphAsSvg(placed);

  test('the SVG has a frame for each, and says which network is in tunnels', () => {
    expect(picture.match(/>engine [ab]</g)).toEqual(['>engine a<', '>engine b<']);
    expect(picture).toContain('in tunnels between a and b');
    expect(picture).toContain('assistant is on b');
  });

  test('where frames would hold what is elsewhere, boxes say it themselves', () => {
    const on = (name: string, engine: string) => ({ [name]: { ...dataLink.nodes[name]!, on: engine } });
    const nodes = { ...dataLink.nodes, ...on('online', 'b'), ...on('test', 'a') };
    const svg = graphAsSvg(graphOf(placedOn({ ...dataLink, nodes }, ['a', 'b'])));
    expect(svg).not.toContain('>engine');
    expect(svg.match(/>on [ab]</g)).toHaveLength(4);
  });

  test('text for Mermaid and Graphviz says where a box is', () => {
    expect(graphAsMermaid(placed)).toContain('n_client["<b>client</b><br/>198.18.12.130<br/>on a"]');
    expect(graphAsDot(placed)).toMatch(/"test" \[label="test.*\\non b"\]/);
  });

  test('docs/engines.svg is that picture', () => {
    const file = new URL('../../../docs/engines.svg', import.meta.url);
    expect(readFileSync(file, 'utf8').trimEnd()).toBe(picture);
  });
});

describe('SVG', () => {
  const svg = graphAsSvg(graphOf(manyOnline));

  test('draws each box once and each way once, and says the same in words', () => {
    expect(svg.match(/<rect x=/g)).toHaveLength(8);
    // Six of requests, three of copies, two of responses, and a legend for each kind.
    expect(svg.match(/<line /g)).toHaveLength(6 + 3 + 2 + 3);
    expect(svg).toContain('<title>Topology many-online</title>');
    expect(svg).toMatch(/<desc>.*online-c to test: copies.*<\/desc>/);
  });

  test('boxes lie on no other, and within the picture', () => {
    const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!.map(Number);
    const boxes = [
      ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g),
    ].map(([, ...numbers]) => numbers.map(Number) as [number, number, number, number]);
    boxes.forEach(([x, y, w, h], index) => {
      expect(x + w).toBeLessThan(width!);
      expect(y + h).toBeLessThan(height!);
      for (const [x2, y2, w2, h2] of boxes.slice(0, index))
        expect(x < x2 + w2 && x2 < x + w && y < y2 + h2 && y2 < y + h).toBe(false);
    });
  });
});
