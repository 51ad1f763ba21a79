/** Two JSON values, by paths: the order of keys says nothing (RFC 8259, section 1), that of items does. */
import { HIDDEN, type Differences, type Shown } from './differences';
import { ID, looksLikeId } from './folding';
import { NUMBER_MARK, parseJson } from './json-text';
import type { Rules } from './rules';

const DEPTH_MAX = 200;

type Kind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/** @param place of the whole, as in `json:$` */
export function compareJson(place: string, online: unknown, test: unknown, differences: Differences): void {
  compareAt(place, online, test, differences, 0);
}

function compareAt(
  place: string,
  online: unknown,
  test: unknown,
  differences: Differences,
  depth: number,
): void {
  const kind = kindOf(online);
  const { redact } = differences.rules;
  if (kind !== kindOf(test)) {
    differences.add(place, shownOf(place, online, redact), shownOf(place, test, redact), 'type');
  } else if (kind === 'array') {
    compareItems(place, online as unknown[], test as unknown[], differences, depth);
  } else if (kind === 'object') {
    compareKeys(place, online as Fields, test as Fields, differences, depth);
  } else if (online !== test)
    differences.add(place, shownOf(place, online, redact), shownOf(place, test, redact));
}

function compareItems(
  place: string,
  online: readonly unknown[],
  test: readonly unknown[],
  differences: Differences,
  depth: number,
): void {
  const count = ({ length }: readonly unknown[]): Shown => ({
    raw: length === 1 ? '1 item' : `${length} items`,
  });
  if (online.length !== test.length)
    differences.add(
      `${place}[]`,
      count(online),
      count(test),
      test.length < online.length ? 'shorter' : 'longer',
    );
  if (tooDeep(depth, differences)) return;
  const both = Math.min(online.length, test.length);
  for (let at = 0; at < both; at += 1) compareAt(`${place}[*]`, online[at], test[at], differences, depth + 1);
}

type Fields = Readonly<Record<string, unknown>>;

function compareKeys(
  place: string,
  online: Fields,
  test: Fields,
  differences: Differences,
  depth: number,
): void {
  if (tooDeep(depth, differences)) return;
  const { redact } = differences.rules;
  for (const key of Object.keys(online)) {
    const at = placeOfKey(place, key, redact);
    if (Object.hasOwn(test, key)) compareAt(at, online[key], test[key], differences, depth + 1);
    else differences.add(at, shownOf(at, online[key], redact), undefined);
  }
  for (const key of Object.keys(test)) {
    const at = placeOfKey(place, key, redact);
    if (!Object.hasOwn(online, key)) differences.add(at, undefined, shownOf(at, test[key], redact));
  }
}

/** What lies so deep is told of, and not compared. */
function tooDeep(depth: number, differences: Differences): boolean {
  if (depth < DEPTH_MAX) return false;
  const what = { raw: `nested deeper than ${DEPTH_MAX} levels, where it is not compared` };
  differences.add('body', what, what);
  return true;
}

/** Keys that are ids are one, and so are those of what is shown to nobody. */
function placeOfKey(place: string, key: string, redact: Rules): string {
  if (redact.at(place) !== undefined) return `${place}.*`;
  if (looksLikeId(key)) return `${place}.${ID}`;
  return /^[\w$-]+$/.test(key) ? `${place}.${key}` : `${place}.${JSON.stringify(key)}`;
}

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string' && value.startsWith(NUMBER_MARK)) return 'number';
  return typeof value as Kind;
}

/** As JSON; what a rule hides anywhere inside stays hidden. */
function shownOf(place: string, value: unknown, redact: Rules): Shown {
  const raw = textOf(value);
  const shown =
    redact.speaksOf('json') || redact.speaksOf('value') ? textOf(hidden(place, value, redact, 0)) : raw;
  return { raw, shown };
}

function hidden(place: string, value: unknown, redact: Rules, depth: number): unknown {
  if (redact.at(place) !== undefined) return HIDDEN;
  if (depth === DEPTH_MAX) return HIDDEN;
  if (typeof value === 'string') return hiddenIn(value, redact, depth);
  if (Array.isArray(value)) return value.map((item) => hidden(`${place}[*]`, item, redact, depth + 1));
  if (kindOf(value) !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value as Fields).map(([key, field]) => [
      key,
      hidden(placeOfKey(place, key, redact), field, redact, depth + 1),
    ]),
  );
}

/** A string may be JSON itself, as in a cache. */
function hiddenIn(text: string, redact: Rules, depth: number): string {
  const parsed = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  return parsed ? textOf(hidden('json:$', parsed.value, redact, depth + 1)) : text;
}

function textOf(value: unknown): string {
  if (typeof value === 'string' && value.startsWith(NUMBER_MARK)) return value.slice(1);
  try {
    return JSON.stringify(value)
      .replaceAll('"\\u0000', '"')
      .slice(0, 64 * 1024);
  } catch {
    return 'nested too deep to be shown';
  }
}
