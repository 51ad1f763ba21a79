import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rooms } from '../architecture/rooms.mjs';

const root = join(import.meta.dirname, '../../..');
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

const wordsIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);

/** A name without a folder is that of a room beside. */
function beside(room: string, name: string): string {
  const neighbour = join(dirname(room), name);
  return neighbour in rooms ? neighbour : name;
}

/** What the tables of the page say of each room; what is said of one in two of them counts together. */
function documented(): Record<string, string[]> {
  const said: Record<string, string[]> = {};
  for (const [, room, imports] of read('docs/architecture.md').matchAll(
    /^\| `([^`|]+)` \| [^|]+ \| ([^|]+) \|$/gm,
  )) {
    if (room === undefined || !(room in rooms)) continue;
    said[room] = [...(said[room] ?? []), ...wordsIn(imports!).map((name) => beside(room, name))].toSorted();
  }
  return said;
}

test('docs/architecture.md has the table of rooms, arrow by arrow', () => {
  const table = Object.entries(rooms).map(([room, imports]) => [room, imports.toSorted()] as const);
  expect(documented()).toEqual(Object.fromEntries(table));
});

test.each(['README.md', 'README.zh-CN.md'])('%s says where every room is', (page) => {
  const linked = [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
  const outer = Object.keys(rooms).filter((room) => !(dirname(room) in rooms));
  expect(outer.filter((room) => !linked.includes(room))).toEqual([]);
});
