/** File patterns as shells have them (glob(7)): `*`, `?` and `[…]` within a name. */
import { readdirSync, statSync } from 'node:fs';

export const isPattern = (text: string): boolean => /[*?[]/.test(text);

/** Files whose path fits, sorted by it; none where a directory of it cannot be read. */
export function filesMatching(pattern: string): string[] {
  const [first = '', ...others] = pattern.split('/');
  const isAbsolute = first === '' && others.length > 0;
  let found = isAbsolute ? ['/'] : [''];
  for (const part of isAbsolute ? others : [first, ...others]) {
    found = found.flatMap((directory) =>
      (isPattern(part) ? namesIn(directory, part) : [part]).map((name) => within(directory, name)),
    );
  }
  return found.filter(isFile).sort();
}

const within = (directory: string, name: string): string =>
  directory === '' || directory.endsWith('/') ? directory + name : `${directory}/${name}`;

function namesIn(directory: string, pattern: string): string[] {
  const expression = asExpression(pattern);
  try {
    return readdirSync(directory === '' ? '.' : directory).filter(
      (name) => expression.test(name) && (!name.startsWith('.') || pattern.startsWith('.')),
    );
  } catch {
    return [];
  }
}

function asExpression(pattern: string): RegExp {
  const text = pattern.replace(/\[(!?)([^\]]+)\]|[*?]|[^*?[]+|\[/g, (part, not?: string, set?: string) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (set === undefined) return part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    return `[${not === '!' ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
  });
  try {
    return new RegExp(`^${text}$`, 's');
  } catch {
    return /$^/; // a range that ends before it begins fits nothing
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
