/** Files and rooms as graphs: who names whom. */
import { dirname, join } from 'node:path/posix';

/** By name, whom each imports. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Every import of one of our files by another, `import type` and `import()` included. */
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)|(?:^|\n)import\s+'(\.[^']+)'/g;

/** @param texts by path from the project's root; all code is TypeScript, its views with JSX */
export function importsIn(texts: ReadonlyMap<string, string>): Graph {
  const fileOf = (path: string): string => (texts.has(`${path}.tsx`) ? `${path}.tsx` : `${path}.ts`);
  const targets = ([file, text]: [string, string]): [string, string[]] => {
    const specifiers = [...text.matchAll(importPattern)].map((match) => match.slice(1).find(Boolean)!);
    const code = specifiers.filter((specifier) => !/\.(json|css)$/.test(specifier));
    return [file, code.map((specifier) => fileOf(join(dirname(file), specifier).replace(/\.ts$/, '')))];
  };
  return new Map([...texts].map(targets));
}

/** The first circle found by walking in depth, as a path that ends where it began. */
export function circleIn(graph: Graph): string[] | undefined {
  const finished = new Set<string>();
  const walk = (one: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(one)) return [...path.slice(path.indexOf(one)), one];
    if (finished.has(one)) return undefined;
    for (const other of graph.get(one) ?? []) {
      const circle = walk(other, [...path, one]);
      if (circle) return circle;
    }
    finished.add(one);
    return undefined;
  };
  for (const one of graph.keys()) {
    const circle = walk(one, []);
    if (circle) return circle;
  }
  return undefined;
}
