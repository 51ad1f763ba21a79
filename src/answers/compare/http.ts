/** Two HTTP responses, by their parts: status, headers, body. */
import { isWhole, type Body } from '../reading/body';
import type { Header, HttpResponse } from '../reading/exchange';
import { valuesOf } from '../reading/http-parser';
import { codingsOf, decode, type Decoded } from './decode';
import type { Differences, Shown } from './differences';
import { compareJson } from './json';
import { parseJson } from './json-text';
import type { Rules } from './rules';
import { shownTarget } from './target';
import { compareBytes, compareText } from './text';

export interface Depth {
  /** Of a body, decoded, that is looked into. */
  readonly body_bytes: number;
  /** One of both has no body any more, but for its digest. */
  readonly shortened: boolean;
}

/** @returns whether all of it was compared */
export function compareHttp(
  online: HttpResponse,
  test: HttpResponse,
  depth: Depth,
  differences: Differences,
): boolean {
  if (online.status !== test.status)
    differences.add('status', { raw: `${online.status}` }, { raw: `${test.status}` });
  compareHeaders(online.headers, test.headers, differences);
  return compareBodies(online, test, depth, differences);
}

function compareHeaders(online: readonly Header[], test: readonly Header[], differences: Differences): void {
  const [ours, theirs] = [fieldsOf(online), fieldsOf(test)];
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const [our, their] = [ours.get(name), theirs.get(name)];
    const shown = (value: string | undefined): Shown | undefined =>
      value === undefined ? undefined : shownField(name, value, differences.rules.redact);
    if (our !== their) differences.add(`header:${name}`, shown(our), shown(their));
  }
}

/** Fields that are an address; a query may have what is shown to nobody. */
const ADDRESSES = new Set(['location', 'content-location', 'refresh', 'link']);

const shownField = (name: string, raw: string, redact: Rules): Shown =>
  ADDRESSES.has(name) ? { raw, shown: shownTarget(raw, redact) } : { raw };

/** Each cookie is one of its own, and so are its attributes (RFC 6265, section 4.1). Several fields of a name are a list (RFC 9110, section 5.3). */
function fieldsOf(headers: readonly Header[]): Map<string, string> {
  const fields = new Map<string, string>();
  const put = (name: string, value: string): void => {
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  };
  for (const [name, value] of headers) {
    const [, cookie, content, attributes] =
      name === 'set-cookie' ? (/^([^=;]+)=([^;]*)(?:;\s*(.*))?$/.exec(value) ?? []) : [];
    if (cookie === undefined) put(name, value);
    else {
      put(`set-cookie:${cookie}`, content!);
      put(`set-cookie:${cookie}:attributes`, attributes ?? '');
    }
  }
  return fields;
}

function compareBodies(
  online: HttpResponse,
  test: HttpResponse,
  { body_bytes, shortened }: Depth,
  differences: Differences,
): boolean {
  if (sameAsSent(online, test)) return true;
  if (shortened) return false;
  const [ours, theirs] = [decodedBody(online, body_bytes), decodedBody(test, body_bytes)];
  if (ours.kind === 'bytes' && theirs.kind === 'bytes') {
    if (!ours.bytes.equals(theirs.bytes)) compareContent(online, ours.bytes, test, theirs.bytes, differences);
    return true;
  }
  if (ours.kind === 'undecodable' && theirs.kind === 'bytes') return false;
  if (ours.kind === 'bytes' && theirs.kind === 'undecodable') {
    const what = { raw: `no ${theirs.coding}, as its header says` };
    differences.add('body', { raw: `${ours.bytes.length} bytes` }, what, 'unreadable');
    return true;
  }
  // By digest, where nothing is coded: the same content may be coded in many ways.
  if ([online, test].some(({ headers }) => codingsOf(headers).length > 0)) return false;
  differences.add('body', digestOf(online.body), digestOf(test.body), kindOfLengths(online.body, test.body));
  return true;
}

const sameAsSent = (online: HttpResponse, test: HttpResponse): boolean =>
  online.body.digest === test.body.digest &&
  codingsOf(online.headers).join() === codingsOf(test.headers).join();

const decodedBody = ({ headers, body }: HttpResponse, max_bytes: number): Decoded =>
  decode(body, codingsOf(headers), max_bytes);

/** Some of it is kept: then it is not the digest of something else. */
const digestOf = (body: Body): Shown => ({
  raw: '',
  shown: `${body.length} bytes, SHA-256 ${body.digest.slice(0, 16)}…${isWhole(body) ? '' : ' (longer than what is looked into)'}`,
});

const kindOfLengths = (online: Body, test: Body): 'shorter' | 'longer' | 'changed' =>
  test.length < online.length ? 'shorter' : test.length > online.length ? 'longer' : 'changed';

function compareContent(
  online: HttpResponse,
  ours: Buffer,
  test: HttpResponse,
  theirs: Buffer,
  differences: Differences,
): void {
  const parsed = isJson(online, ours) || isJson(test, theirs) ? [ours, theirs].map(parsedJson) : [];
  const [our, their] = parsed;
  if (our && their) compareJson('json:$', our.value, their.value, differences);
  // Where in it the paths are that a rule hides nobody knows.
  else if (parsed.length > 0 && differences.rules.redact.speaksOf('json')) {
    const what = (bytes: Buffer, one: unknown): Shown => ({
      raw: '',
      shown: `${bytes.length} bytes, ${one ? 'JSON' : 'no JSON'}`,
    });
    differences.add('body', what(ours, our), what(theirs, their), our ? 'unreadable' : 'changed');
  } else if (isText(ours) && isText(theirs))
    compareText(ours.toString('utf8'), theirs.toString('utf8'), differences);
  else compareBytes('body', ours, theirs, differences);
}

const parsedJson = (bytes: Buffer): ReturnType<typeof parseJson> => parseJson(bytes.toString('utf8'));

/** By its header, or by how it begins. */
const isJson = ({ headers }: HttpResponse, bytes: Buffer): boolean =>
  valuesOf(headers, 'content-type').some((type) => /[/+]json\b/i.test(type)) ||
  /^\s*[[{]/.test(bytes.toString('latin1', 0, 64));

/** As far as one looks no byte that a text does not have. */
const isText = (bytes: Buffer): boolean =>
  !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(bytes.toString('latin1', 0, 4096));
