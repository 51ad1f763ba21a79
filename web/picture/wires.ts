/** Lines between routers and whatever is on a network of theirs: around the boxes, each on a lane of its own. */
import type { Picture, PictureNode } from '../../lab/web/messages/picture';
import type { Box, Place } from './places';

export interface Wire {
  readonly network: string;
  readonly path: readonly Place[];
}

const LANE = 7;
/** Between a box and the first lane beside it. */
const BESIDE = 12;

/** What lanes take in front of the routers. */
export const lanesRoom = (picture: Picture): number => 2 * BESIDE + LANE * joined(picture).length;

/**
 * From the far side of a node's box, between the boxes, to a router's, which stand beside all others.
 *
 * @param narrow the copy goes from top to bottom, and routers stand on the right, instead of below
 */
export function wiresOf(picture: Picture, boxes: ReadonlyMap<string, Box>, narrow: boolean): Wire[] {
  const wires = joined(picture);
  // As if the copy went from left to right.
  const turned = (box: Box): Box =>
    narrow ? { x: box.y, y: box.x, width: box.height, height: box.width } : box;
  return wires.map(({ network, node, router }, index) => {
    const [from, to] = [turned(boxes.get(node)!), turned(boxes.get(router)!)];
    const lane = BESIDE + LANE * index;
    const own = wires.filter((wire) => wire.router === router);
    const at = own.findIndex((wire) => wire.node === node && wire.network === network);
    const port = to.x + (to.width * (at + 1)) / (own.length + 1);
    const side = from.x + from.width;
    const low = from.y + from.height - BESIDE;
    const path = [
      { x: side, y: low },
      { x: side + lane, y: low },
      { x: side + lane, y: to.y - lane },
      { x: port, y: to.y - lane },
      { x: port, y: to.y },
    ];
    return { network, path: narrow ? path.map(({ x, y }) => ({ x: y, y: x })) : path };
  });
}

interface Joined {
  readonly network: string;
  readonly node: string;
  readonly router: string;
}

function joined({ nodes }: Picture): Joined[] {
  const routers = nodes.filter(({ role }) => role === 'router');
  return routers.flatMap((router, index) =>
    networksOf(router).flatMap((network) =>
      nodes
        // Two routers are joined once.
        .filter((node) => node !== router && !routers.slice(0, index).includes(node))
        .filter((node) => networksOf(node).includes(network))
        .map(({ name }) => ({ network, node: name, router: router.name })),
    ),
  );
}

export const networksOf = ({ network, networks = {} }: PictureNode): string[] => [
  network,
  ...Object.keys(networks),
];
