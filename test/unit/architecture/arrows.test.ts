import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const rooms = JSON.parse(readFileSync(join(import.meta.dirname, 'rooms.json'), 'utf8')) as Record<
  string,
  string[]
>;

/** Those that load the other file when this one is loaded; types are gone by then. */
const loadingPattern =
  /(?:^|\n)\s*(?:import|export)\s(?!type\b)[^'";]*?from\s*'(\.[^']+)'|(?:^|\n)import\s+'(\.[^']+)'/g;

/** Every import of one of our files by another, `import type` and `import()` included. */
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)|(?:^|\n)import\s+'(\.[^']+)'/g;

const files = ['src', 'lab', 'topologies', 'bench'].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);

const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

/** For each file, the files of ours that it names after the pattern. */
function targetsBy(pattern: RegExp): Map<string, string[]> {
  const targets = ([file, text]: [string, string]): [string, string[]] => {
    const specifiers = [...text.matchAll(pattern)].map((match) => match.slice(1).find(Boolean)!);
    const code = specifiers.filter((specifier) => !specifier.endsWith('.json'));
    return [file, code.map((specifier) => pathOf(file, specifier))];
  };
  return new Map([...texts].map(targets));
}

function pathOf(file: string, specifier: string): string {
  return relative(root, resolve(root, dirname(file), specifier)).replace(/(\.ts)?$/, '.ts');
}

const imports = targetsBy(importPattern);

/** The most particular room that a file stands in. */
function roomOf(file: string): string | undefined {
  const holding = Object.keys(rooms).filter((room) => file.startsWith(`${room}/`));
  return holding.sort((a, b) => b.length - a.length)[0];
}

describe('rooms', () => {
  test('every source file stands in one', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  test('imports name files that exist', () => {
    const dangling = [...imports].flatMap(([file, targets]) =>
      targets.filter((target) => !imports.has(target)).map((target) => `${file} -> ${target}`),
    );
    expect(dangling).toEqual([]);
  });

  test('arrows go only where the table says', () => {
    const forbidden = [...imports].flatMap(([file, targets]) => {
      const from = roomOf(file)!;
      return targets
        .filter((target) => roomOf(target) !== from && !rooms[from]!.includes(roomOf(target) ?? target))
        .map((target) => `${file} -> ${target}`);
    });
    expect(forbidden).toEqual([]);
  });

  test('the table itself has no circles', () => {
    expect(circleIn(Object.keys(rooms), (room) => rooms[room]!)).toBeUndefined();
  });

  test('files do not load each other in circles', () => {
    const loaded = targetsBy(loadingPattern);
    expect(circleIn(files, (file) => loaded.get(file) ?? [])).toBeUndefined();
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
    expect(talkers.filter((file) => roomOf(file) !== 'lab/engine')).toEqual([]);
  });
});

/** The first circle found by walking in depth, as a path that ends where it began. */
function circleIn(all: readonly string[], next: (one: string) => readonly string[]): string[] | undefined {
  const finished = new Set<string>();
  const walk = (one: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(one)) return [...path.slice(path.indexOf(one)), one];
    if (finished.has(one)) return undefined;
    for (const other of next(one)) {
      const circle = walk(other, [...path, one]);
      if (circle) return circle;
    }
    finished.add(one);
    return undefined;
  };
  for (const one of all) {
    const circle = walk(one, []);
    if (circle) return circle;
  }
  return undefined;
}
