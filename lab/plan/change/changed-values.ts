/** Which values of a topology differ in another one, by the keys that lead to them. */

/** `undefined` where the key is not there. */
export interface ChangedValue {
  /** As in `nodes.test.server.port`. */
  readonly key: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** What is a whole object in one and missing in the other is left out: the steps of the plans say what comes and goes. */
export function changedValues(from: unknown, to: unknown, key = ''): ChangedValue[] {
  if (isObject(from) && isObject(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) =>
      changedValues(from[name], to[name], key === '' ? name : `${key}.${name}`),
    );
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  return isWholeObject(from, to) || isWholeObject(to, from) ? [] : [{ key, from, to }];
}

export const changedValueLine = ({ key, from, to }: ChangedValue): string =>
  `  ${key}: ${formatted(from)} -> ${formatted(to)}`;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWholeObject = (there: unknown, missing: unknown): boolean =>
  missing === undefined && (isObject(there) || (Array.isArray(there) && there.some(isObject)));

function formatted(value: unknown): string {
  if (value === undefined) return '(none)';
  return typeof value === 'string' && value !== '' && !/\s/.test(value) ? value : JSON.stringify(value);
}
