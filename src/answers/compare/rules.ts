/**
 * Rules that a person writes: which places of a response are not compared, and which are shown to nobody.
 *
 * A place is written `status`, `header:date`, `header:set-cookie:session`, `json:$.items[*].id`, `value:$[*]` (Redis), `text`, `body`;
 * of a request, or of a `Location`, also `query:token`. A rule holds for its place and all that is inside. In JSON paths `*` stands for any key, `[*]` for
 * any item, and `..` for any depth: `json:$..id`.
 */

export class RuleError extends Error {
  override readonly name = 'RuleError';
}

const AREAS = ['status', 'answer', 'header', 'json', 'value', 'text', 'body', 'query'] as const;

/** Shown to nobody, whatever the user says. */
export const ALWAYS_REDACTED: readonly string[] = [
  'header:authorization',
  'header:proxy-authorization',
  'header:cookie',
  'header:set-cookie',
  'header:x-api-key',
  'query:access_token',
  'query:api_key',
  'query:password',
  'query:token',
  'json:$..access_token',
  'json:$..client_secret',
  'json:$..id_token',
  'json:$..password',
  'json:$..refresh_token',
];

/** What each answer has anew, or is the connection's own and not the answer's (RFC 9110, sections 6.6.1 and 7.6.1; RFC 9112, section 6). */
export const ALWAYS_IGNORED: readonly string[] = [
  'header:date',
  'header:age',
  'header:connection',
  'header:keep-alive',
  'header:transfer-encoding',
  'header:content-length',
];

/** Rules of one kind. */
export class Rules {
  readonly #compiled: readonly { readonly rule: string; readonly pattern: RegExp }[];
  /** By place: places are few, and asked for again and again. */
  readonly #known = new Map<string, string | undefined>();

  /** @throws RuleError for what is none */
  constructor(readonly rules: readonly string[]) {
    this.#compiled = rules.map((rule) => ({ rule, pattern: patternOf(rule) }));
  }

  /** @returns the first rule that holds there */
  at(place: string): string | undefined {
    if (this.#known.has(place)) return this.#known.get(place);
    const rule = this.#compiled.find(
      ({ rule, pattern }) => pattern.test(place) || (rule === 'body' && CONTENT.test(place)),
    )?.rule;
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(place, rule);
    return rule;
  }

  /** Some rule speaks of places in such an area. */
  speaksOf(area: (typeof AREAS)[number]): boolean {
    return this.rules.some((rule) => rule === area || rule.startsWith(`${area}:`));
  }
}

/** Inside a body, whatever it is. */
const CONTENT = /^(?:json|text|value)(?::|$)/;
const KNOWN_MAX = 10_000;
/** Here the place ends, or one inside it begins. */
const END = '(?=$|[.\\[:])';

function patternOf(rule: string): RegExp {
  const area = AREAS.find((one) => rule === one || rule.startsWith(`${one}:`));
  const rest = area && rule.slice(area.length + 1);
  if (area === undefined || rest === undefined || (rest === '' && rule.endsWith(':')))
    throw new RuleError(`${JSON.stringify(rule)} names no place: it begins with one of ${AREAS.join(', ')}`);
  const isPath = area === 'json' || area === 'value';
  if (isPath && rest !== '' && !rest.startsWith('$'))
    throw new RuleError(`${JSON.stringify(rule)}: a path begins with $, as in ${area}:$.id`);
  const text = area === 'header' || area === 'query' ? rule.toLowerCase() : rule;
  return new RegExp(`^${isPath ? pathPattern(text) : escaped(text)}${END}`);
}

const pathPattern = (rule: string): string =>
  escaped(rule.replace(/\[\d+\]/g, '[*]'))
    .replaceAll('\\.\\.', '(?:[.\\[].*)?\\.')
    .replaceAll('\\.\\*', '\\.[^.\\[]+');

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
