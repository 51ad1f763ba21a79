/**
 * A graph as SVG that needs nothing else: clients, online servers, test servers and assistants in columns, from left to right,
 * and routers beneath.
 */
import { COLOURS, LINK_COLOUR } from './colours';
import { framesAround, FRAME_HEAD, type Frame } from './frames';
import {
  enginesOf,
  onEngine,
  type Graph,
  type GraphBox,
  type GraphLink,
  type GraphWay,
  type WayKind,
} from './graph';

const COLUMNS = ['client', 'online', 'test', 'assistant'] as const;
const BOX_WIDTH = 190;
const LINE_HEIGHT = 18;
/** The name, and room above and below. */
const BOX_HEAD = 40;
const ALONG = 120;
const ACROSS = 30;
const MARGIN = 24;
/** What the arrows mean, and networks, stand below. */
const LEGEND_LINE = 20;
const LEGEND_ARROW = 40;
const FONT = 'font-family="sans-serif"';

interface Placed extends GraphBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function graphAsSvg(graph: Graph): string {
  const placed = place(graph.boxes);
  const frames = framesAround(placed);
  const right = Math.max(...placed.map(({ x }) => x + BOX_WIDTH));
  const below = Math.max(...[...placed, ...frames].map(({ y, height }) => y + height));
  const kinds = (Object.keys(COLOURS) as WayKind[]).filter((kind) =>
    graph.ways.some((way) => way.kind === kind),
  );
  const legend = below + MARGIN + LEGEND_LINE / 2;
  const width = right + MARGIN;
  const height = below + MARGIN + (kinds.length + graph.networks.length) * LEGEND_LINE + MARGIN / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `  <title>${escaped(`Topology ${graph.name}`)}</title>`,
    `  <desc>${escaped(described(graph))}</desc>`,
    `  <rect width="100%" height="100%" fill="#ffffff"/>`,
    `  <defs>${kinds.map(arrowHead).join('')}</defs>`,
    ...frames.map(drawFrame),
    ...graph.links.flatMap((link) => drawLink(link, placed)),
    ...graph.ways.map((way) => drawWay(way, placed)),
    ...placed.map((box) => drawBox(frames.length > 0 ? box : inWords(box))),
    ...kinds.map((kind, index) => {
      const y = legend + index * LEGEND_LINE;
      const meaning = graph.ways.find((way) => way.kind === kind)!.label;
      return `  ${arrow(kind, MARGIN, y, MARGIN + LEGEND_ARROW, y)}${note(MARGIN + LEGEND_ARROW + 10, y + 4, meaning)}`;
    }),
    ...graph.networks.map(
      ({ name, subnet }, index) =>
        `  ${note(MARGIN, legend + (kinds.length + index) * LEGEND_LINE + 4, `network ${name}, ${subnet}: ${namesOn(graph, name)}${tunnelled(graph, name)}`)}`,
    ),
    '</svg>',
  ].join('\n');
}

const namesOn = ({ boxes, links }: Graph, network: string): string =>
  [
    ...boxes.filter((box) => box.network === network).map(({ name }) => name),
    ...links.filter((link) => link.network === network).map(({ node }) => node),
  ].join(', ');

/** Where it spans machines. */
function tunnelled(graph: Graph, network: string): string {
  const engines = enginesOf(graph, network);
  return engines.length < 2 ? '' : `; in tunnels between ${engines.join(' and ')}`;
}

/** For those who cannot see it. */
const described = ({ boxes, ways }: Graph): string =>
  [
    ...ways.map(({ from, to, label }) => `${from} to ${to}: ${label}`),
    ...boxes.flatMap((box) => onEngine(box).map((where) => `${box.name} is ${where}`)),
  ].join('; ');

/** Columns that hold nothing take no room; each is centred, as is the row of routers. */
function place(boxes: readonly GraphBox[]): Placed[] {
  const columns = COLUMNS.map((role) => boxes.filter((box) => box.role === role)).filter(
    (column) => column.length > 0,
  );
  const tall = (column: readonly GraphBox[]): number =>
    column.reduce((sum, box) => sum + heightOf(box) + ACROSS, -ACROSS);
  const tallest = Math.max(...columns.map(tall));
  const top = boxes.some(({ engine }) => engine !== undefined) ? MARGIN + FRAME_HEAD : MARGIN;
  const inColumns = columns.flatMap((column, depth) => {
    let y = top + (tallest - tall(column)) / 2;
    return column.map((box) => {
      const height = heightOf(box);
      const at = { ...box, x: MARGIN + depth * (BOX_WIDTH + ALONG), y, width: BOX_WIDTH, height };
      y += height + ACROSS;
      return at;
    });
  });
  const routers = boxes.filter(({ role }) => role === 'router');
  const wide = (count: number, between: number): number => count * (BOX_WIDTH + between) - between;
  const left = MARGIN + Math.max(0, (wide(columns.length, ALONG) - wide(routers.length, ACROSS)) / 2);
  return [
    ...inColumns,
    ...routers.map((box, index) => ({
      ...box,
      x: left + index * (BOX_WIDTH + ACROSS),
      y: top + tallest + ALONG / 2,
      width: BOX_WIDTH,
      height: heightOf(box),
    })),
  ];
}

const heightOf = (box: GraphBox): number =>
  BOX_HEAD + (box.lines.length + onEngine(box).length) * LINE_HEIGHT;

const inWords = (box: Placed): Placed => ({ ...box, lines: [...box.lines, ...onEngine(box)] });

/** From what stands on a router's network down to the router. */
function drawLink({ node, network }: GraphLink, placed: readonly Placed[]): string[] {
  const router = placed.find(({ name, role }) => name === node && role === 'router');
  if (!router) return [];
  const end = `x2="${router.x + BOX_WIDTH / 2}" y2="${router.y}"`;
  return placed
    .filter((box) => box.network === network)
    .map(
      ({ x, y, height }) =>
        `  <line x1="${x + BOX_WIDTH / 2}" y1="${y + height}" ${end} stroke="${LINK_COLOUR}" stroke-width="1"/>`,
    );
}

const arrowHead = (kind: WayKind): string =>
  `<marker id="${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="14" markerHeight="14" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 10 5 0 10z" fill="${COLOURS[kind]}"/></marker>`;

const drawFrame = ({ engine, x, y, width, height }: Frame): string =>
  [
    `  <g ${FONT}>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="12" fill="#fbfbfd" stroke="${LINK_COLOUR}" stroke-dasharray="2 3"/>`,
    `<text x="${x + 12}" y="${y + FRAME_HEAD - 8}" font-size="13" fill="#444444">engine ${escaped(engine)}</text>`,
    '</g>',
  ].join('');

function drawBox({ name, lines, x, y, height }: Placed): string {
  const middle = x + BOX_WIDTH / 2;
  const text = lines.map(
    (line, index) =>
      `<text x="${middle}" y="${y + BOX_HEAD + index * LINE_HEIGHT}" font-size="13" fill="#333333">${escaped(line)}</text>`,
  );
  return [
    `  <g ${FONT} text-anchor="middle">`,
    `<rect x="${x}" y="${y}" width="${BOX_WIDTH}" height="${height}" rx="8" fill="#f4f6f8" stroke="#5a6673"/>`,
    `<text x="${middle}" y="${y + 22}" font-size="15" font-weight="bold" fill="#111111">${escaped(name)}</text>`,
    ...text,
    '</g>',
  ].join('');
}

/** From a box's right side to the next one's left. */
function drawWay({ kind, from, to }: GraphWay, placed: readonly Placed[]): string {
  const start = placed.find(({ name }) => name === from)!;
  const end = placed.find(({ name }) => name === to)!;
  return `  ${arrow(kind, start.x + BOX_WIDTH, start.y + start.height / 2, end.x, end.y + end.height / 2)}`;
}

function arrow(kind: WayKind, x1: number, y1: number, x2: number, y2: number): string {
  const dashes = kind === 'responses' ? ' stroke-dasharray="6 4"' : '';
  const width = kind === 'copies' ? 3 : 2;
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${COLOURS[kind]}" stroke-width="${width}"${dashes} marker-end="url(#${kind})"/>`;
}

const note = (x: number, y: number, text: string): string =>
  `<text x="${x}" y="${y}" ${FONT} font-size="13" fill="#444444">${escaped(text)}</text>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
