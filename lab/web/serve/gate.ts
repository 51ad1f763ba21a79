/**
 * Who is let in. The page sends requests and opens shells, so that nobody may speak for its reader: not another
 * page in the same browser, not another name that leads to this address (DNS rebinding), nobody without the token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface Knock {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To a WebSocket, which browsers open for every page that asks: it must say which page that is. */
  readonly upgrades?: boolean;
}

export type Admission =
  /** The token stood in the address: it becomes a cookie, and goes out of the address. */
  | { readonly kind: 'enter' }
  | { readonly kind: 'admitted'; readonly path: string; readonly query: URLSearchParams }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 405 | 421; readonly why: string };

export interface Door {
  readonly port: number;
  readonly token: string;
}

const METHODS = new Set(['GET', 'POST']);

export const cookieName = (port: number): string => `lab-watch-${port}`;

/** Ports are no part of what a browser keeps cookies by, so the name has it. `Strict`: no other site's page sends it. */
export const cookieOf = ({ port, token }: Door): string =>
  `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`;

export function admit({ method, target, headers, upgrades = false }: Knock, door: Door): Admission {
  const names = [`127.0.0.1:${door.port}`, `localhost:${door.port}`];
  const host = one(headers['host']);
  if (host === undefined || !names.includes(host))
    return { kind: 'refused', status: 421, why: `This is ${names[0]!}, and no other host.` };
  if (!METHODS.has(method)) return { kind: 'refused', status: 405, why: 'GET and POST only.' };
  if (!URL.canParse(target, `http://${host}`) || !target.startsWith('/'))
    return { kind: 'refused', status: 400, why: 'The address cannot be read.' };
  const { pathname, searchParams } = new URL(target, `http://${host}`);

  const given = searchParams.get('token');
  // A link is followed from a terminal or typed: whoever knows the token may come from anywhere.
  if (method === 'GET' && !upgrades && pathname === '/' && given !== null) {
    if (isSame(given, door.token)) return { kind: 'enter' };
    return {
      kind: 'refused',
      status: 403,
      why: 'The token is another one: take the address that lab watch has printed.',
    };
  }
  if (isForeign(method !== 'GET' || upgrades, headers, host))
    return { kind: 'refused', status: 403, why: 'Asked for by another page.' };
  const cookie = cookieIn(one(headers['cookie']) ?? '', cookieName(door.port));
  if (cookie === undefined || !isSame(cookie, door.token))
    return { kind: 'refused', status: 403, why: 'Open the address that lab watch has printed.' };
  return { kind: 'admitted', path: pathname, query: searchParams };
}

/**
 * By what browsers say of themselves; other programs say nothing, and have the token or not.
 *
 * @param acts more is asked for than to read something
 */
function isForeign(acts: boolean, headers: Knock['headers'], host: string): boolean {
  const origin = one(headers['origin']);
  if (origin !== undefined && origin !== `http://${host}`) return true;
  if (acts && origin === undefined) return true;
  const site = one(headers['sec-fetch-site']);
  if (site === undefined || site === 'same-origin') return false;
  // `none`: typed, or a bookmark. Another port of this machine is the same site, and is not let in.
  return !(site === 'none' && !acts);
}

/** Takes the same time whatever they differ in. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function cookieIn(header: string, name: string): string | undefined {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

const one = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
