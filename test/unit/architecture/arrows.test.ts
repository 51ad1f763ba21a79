import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { circleIn, importsIn } from './graph';
import { allowedTo, isInside, mayImport, roomOf, rooms } from './rooms.mjs';

const root = join(import.meta.dirname, '../../..');

const files = ['src', 'lab', 'web', 'topologies', 'bench', 'packaging'].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);

const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const imports = importsIn(texts);

describe('rooms', () => {
  test('every source file stands in one', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  test('the table names rooms that have files', () => {
    const named = new Set([...Object.keys(rooms), ...Object.values(rooms).flat()]);
    expect([...named].filter((room) => !files.some((file) => roomOf(file) === room))).toEqual([]);
  });

  test('imports name files that exist', () => {
    const dangling = [...imports].flatMap(([file, targets]) =>
      targets.filter((target) => !imports.has(target)).map((target) => `${file} -> ${target}`),
    );
    expect(dangling).toEqual([]);
  });

  test('arrows go only where the table says', () => {
    const forbidden = [...imports].flatMap(([file, targets]) =>
      targets.filter((target) => !mayImport(file, target)).map((target) => `${file} -> ${target}`),
    );
    expect(forbidden).toEqual([]);
  });

  test('a room inside imports nothing from without that the one around it may not', () => {
    const bolder = Object.keys(rooms).flatMap((outer) =>
      Object.keys(rooms)
        .filter((room) => isInside(room, outer))
        .flatMap((room) =>
          allowedTo(room)
            .filter(
              (other) => other !== outer && !isInside(other, outer) && !allowedTo(outer).includes(other),
            )
            .map((other) => `${room} -> ${other}`),
        ),
    );
    expect(bolder).toEqual([]);
  });

  test('the table itself has no circles', () => {
    expect(circleIn(new Map(Object.keys(rooms).map((room) => [room, allowedTo(room)])))).toBeUndefined();
  });

  test('src knows nothing of the lab', () => {
    expect(
      Object.entries(rooms)
        .filter(([room]) => room.startsWith('src/'))
        .flatMap(([, allowed]) => allowed),
    ).not.toContainEqual(expect.stringMatching(/^lab\//));
  });

  test('only the engine talks to Docker', () => {
    const talkers = files.filter((file) => /from '(dockerode|testcontainers)'/.test(texts.get(file)!));
    expect(talkers.filter((file) => !isInside(file, 'lab/engine'))).toEqual([]);
  });
});

describe('files', () => {
  test('do not import each other in circles, not for their types either', () => {
    expect(circleIn(imports)).toBeUndefined();
  });
});
