import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Topology } from '../../../../lab/topology/types';
import { pictureOf } from '../../../../lab/web/observe/picture-of';
import { layoutOf, legOf } from '../../../../web/picture/layout';
import type { Box, Place } from '../../../../web/picture/places';
import { kept, picture } from '../world';

const folder = join(import.meta.dirname, '../../../../topologies');
const topologies = await Promise.all(
  readdirSync(folder).map(async (file) => {
    const { default: topology } = (await import(join(folder, file))) as { default: Topology };
    return [topology.name, pictureOf({ name: 'lab', topology })] as const;
  }),
);

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const stretch = (from: Place, to: Place): Box => ({
  ...{ x: Math.min(from.x, to.x), y: Math.min(from.y, to.y) },
  ...{ width: Math.abs(from.x - to.x), height: Math.abs(from.y - to.y) },
});
/** Of lines in the same direction. */
const touch = (a: Box, b: Box): boolean =>
  a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;

describe.each(topologies)('the picture of %s', (_, shown) => {
  test.each([false, true])('has a place for every node, and none upon another (narrow: %p)', (narrow) => {
    const { boxes, width, height } = layoutOf(shown, narrow);
    const all = [...boxes.values()];
    expect(boxes.size).toBe(shown.nodes.length);
    for (const [index, box] of all.entries()) {
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(
        true,
      );
      expect(all.slice(index + 1).filter((other) => overlap(box, other))).toEqual([]);
    }
  });
});

test('a router is joined to whatever is on its networks', () => {
  const shown = topologies.find(([name]) => name === 'routed')![1];
  expect(layoutOf(shown, false).wires.map(({ network }) => network)).toEqual([
    'home',
    'office',
    'front',
    'rehearsal',
  ]);
  expect(layoutOf(picture, false).wires).toEqual([]);
});

test.each(['routed', 'routed-data-link'])(
  'no wire of %s goes through a box, and none along another',
  (name) => {
    const shown = topologies.find(([topology]) => topology === name)![1];
    for (const narrow of [false, true]) {
      const { wires, boxes, width, height } = layoutOf(shown, narrow);
      const pieces = wires.map(({ path }) => path.slice(1).map((to, index) => stretch(path[index]!, to)));
      for (const piece of pieces.flat()) {
        expect(piece.x + piece.width <= width && piece.y + piece.height <= height).toBe(true);
        expect([...boxes.values()].filter((box) => overlap(box, piece))).toEqual([]);
      }
      const along = pieces.flatMap((own, index) =>
        own.flatMap((one) =>
          pieces
            .slice(index + 1)
            .flat()
            .filter((other) => (one.width === 0) === (other.width === 0) && touch(one, other)),
        ),
      );
      expect(along).toEqual([]);
    }
  },
);

test('a phone is narrow, and so is its picture', () => {
  expect(layoutOf(picture, true).width).toBeLessThan(360);
});

test('every frame has a way, and that of a response ends at the guard', () => {
  const { legs, walls, boxes } = layoutOf(picture, false);
  const ways = kept().map(({ shown }) => legOf(legs, shown)?.kind);
  expect(ways).toEqual(kept().map(({ shown }) => shown.kind));
  const response = legs.find(({ kind }) => kind === 'response')!;
  expect(walls).toEqual([{ copy: 'online', from: expect.anything(), to: expect.anything() }]);
  expect(response.to.x).toBe(walls[0]!.from.x);
  const online = boxes.get('online')!;
  expect(response.to.x).toBeGreaterThan(online.x + online.width);
});

test('a client that has no node of its own is drawn on the way of the first', () => {
  const { legs } = layoutOf(picture, false);
  expect(legOf(legs, { ...kept()[0]!.shown, from: '198.18.10.77:1' })?.kind).toBe('request');
});
