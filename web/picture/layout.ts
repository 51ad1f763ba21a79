/**
 * Where everything stands in the picture: clients, online servers, test servers, in the direction of the copy; and routers
 * beside them all.
 */
import type { FrameKind } from '../../lab/web/messages/frame';
import type { Picture, PictureNode } from '../../lab/web/messages/picture';
import type { Box, Place } from './places';
import { lanesRoom, wiresOf, type Wire } from './wires';

/** A way that frames take. */
export interface Leg {
  readonly kind: Exclude<FrameKind, 'canary'> | 'escaped';
  /** Name of the online server whose copy it belongs to. */
  readonly copy: string;
  /** Address of the client, where the leg is one client's. */
  readonly client?: string;
  readonly from: Place;
  readonly to: Place;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  readonly legs: readonly Leg[];
  /** Between routers and nodes on their networks. */
  readonly wires: readonly Wire[];
  /** Where responses end: lines across their legs. */
  readonly walls: readonly { readonly copy: string; readonly from: Place; readonly to: Place }[];
}

const WIDE = { box: { width: 210, height: 92 }, along: 150, across: 44, margin: 14 };
const NARROW = { box: { width: 108, height: 96 }, along: 92, across: 10, margin: 4 };
/** Between the two directions of one way. */
const APART = 24;
const WALL = 36;

const RANKS = ['client', 'online', 'test', 'assistant'] as const;

/** @param narrow from top to bottom instead of from left to right */
export function layoutOf(picture: Picture, narrow: boolean): Layout {
  const measure = narrow ? NARROW : WIDE;
  const { box, along, across, margin } = measure;
  const of = (role: PictureNode['role']): PictureNode[] => picture.nodes.filter((node) => node.role === role);
  const ranks = RANKS.map(of).filter((rank) => rank.length > 0);
  const most = Math.max(...ranks.map((rank) => rank.length));
  const stepAlong = (narrow ? box.height : box.width) + along;
  const stepAcross = (narrow ? box.width : box.height) + across;

  const boxes = new Map<string, Box>();
  ranks.forEach((rank, depth) => {
    rank.forEach(({ name }, index) => {
      const shift = ((most - rank.length) * stepAcross) / 2 + index * stepAcross + margin;
      const forth = depth * stepAlong + margin;
      boxes.set(name, { x: narrow ? shift : forth, y: narrow ? forth : shift, ...box });
    });
  });
  const length = ranks.length * stepAlong - along + 2 * margin;
  const routers = of('router');
  const beside = most * stepAcross - across + 2 * margin + ESCAPE_ROOM;
  const forRouters = stepAcross - across + lanesRoom(picture);
  routers.forEach(({ name }, index) => {
    const forth = (length - routers.length * stepAlong + along) / 2 + index * stepAlong;
    const shift = beside + lanesRoom(picture) - margin;
    boxes.set(name, { x: narrow ? shift : forth, y: narrow ? forth : shift, ...box });
  });
  const breadth = beside + (routers.length > 0 ? forRouters : 0);
  // The last box has lanes beside it, too.
  const whole = length + (routers.length > 0 ? lanesRoom(picture) : 0);
  return {
    width: narrow ? breadth : whole,
    height: narrow ? whole : breadth,
    boxes,
    wires: wiresOf(picture, boxes, narrow),
    ...legsOf(picture, boxes, narrow),
  };
}

/** Beside all boxes, for the way of what gets past the guard. */
const ESCAPE_ROOM = 36;

function legsOf(picture: Picture, boxes: Layout['boxes'], narrow: boolean): Pick<Layout, 'legs' | 'walls'> {
  const legs: Leg[] = [];
  const walls: Layout['walls'][number][] = [];
  const clients = picture.nodes.filter(({ role }) => role === 'client');
  for (const { from, to, heardAt } of picture.copies) {
    const online = boxes.get(from)!;
    const test = boxes.get(to)!;
    for (const { name, address } of clients) {
      const client = boxes.get(name)!;
      const between = { copy: from, client: address };
      legs.push({ kind: 'request', ...between, ...straight(client, online, -APART / 2, narrow) });
      legs.push({ kind: 'answer', ...between, ...straight(online, client, APART / 2, narrow) });
      legs.push({ kind: 'escaped', ...between, ...straight(test, client, narrow ? 30 : 34, narrow) });
    }
    legs.push({ kind: 'copy', copy: from, ...straight(online, test, -APART / 2, narrow) });
    for (const name of heardAt) {
      const isItself = name === to;
      const whole = straight(test, boxes.get(isItself ? from : name)!, isItself ? APART / 2 : 0, narrow);
      // In a queue on the test server itself nothing gets far; at an assistant it ends on arrival.
      const end = along(whole.from, whole.to, isItself ? 0.42 : 0.86);
      legs.push({ kind: 'response', copy: from, from: whole.from, to: end });
      walls.push({ copy: from, ...acrossAt(end, narrow) });
    }
  }
  return { legs, walls };
}

/** From one box to the other, leaving room between both directions. */
function straight(from: Box, to: Box, aside: number, narrow: boolean): { from: Place; to: Place } {
  const forth = narrow ? from.y < to.y : from.x < to.x;
  const edge = (box: Box, far: boolean): Place =>
    narrow
      ? { x: box.x + box.width / 2 + aside, y: far ? box.y + box.height : box.y }
      : { x: far ? box.x + box.width : box.x, y: box.y + box.height / 2 + aside };
  return { from: edge(from, forth), to: edge(to, !forth) };
}

const along = (from: Place, to: Place, share: number): Place => ({
  x: from.x + (to.x - from.x) * share,
  y: from.y + (to.y - from.y) * share,
});

function acrossAt({ x, y }: Place, narrow: boolean): { from: Place; to: Place } {
  const half = WALL / 2;
  return narrow
    ? { from: { x: x - half, y }, to: { x: x + half, y } }
    : { from: { x, y: y - half }, to: { x, y: y + half } };
}

/** The leg on which a frame is drawn. */
export function legOf(
  legs: readonly Leg[],
  frame: { kind: FrameKind; from: string; to: string; copy: string },
): Leg | undefined {
  const own = legs.filter(({ kind, copy }) => kind === frame.kind && copy === frame.copy);
  const client = frame.kind === 'request' ? frame.from : frame.to;
  return own.find((leg) => leg.client !== undefined && client.startsWith(`${leg.client}:`)) ?? own[0];
}
