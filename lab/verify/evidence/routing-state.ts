/** How the guard of a data-link copy stood at one moment: routes, black holes, forwarding. */
import type { Family } from '../../../src/wire/address/address';

export interface RoutingState {
  readonly ways: readonly Way[];
  /** Ranges (CIDR) that the test server sends nothing to, unless there is a better route. */
  readonly blackHoles: readonly string[];
  /** Settings of the test server, not 0, by which it believes redirects. */
  readonly acceptingRedirects: readonly string[];
  readonly assistants: readonly AssistantState[];
  /** What the routers on the way to the assistants would do with responses. */
  readonly passed: readonly PassedWay[];
}

export interface PassedWay extends Way {
  readonly router: string;
  /** Name of the assistant that it is to go to. */
  readonly assistant: string;
}

/** What the test server would do with a packet. */
export interface Way {
  /** The packet's destination. */
  readonly to: string;
  readonly goes:
    | { readonly kind: 'by'; readonly gateway: string }
    | { readonly kind: 'directly' | 'nowhere' };
}

export interface AssistantState {
  readonly name: string;
  /** Its command line; undefined when it does not run. */
  readonly intercept: string | undefined;
  /** Settings, not 0, by which packets are let on. */
  readonly forwarding: readonly string[];
}

interface Route {
  readonly dst?: string;
  readonly gateway?: string;
}

/** @param text a line for each destination, as `ip -j route get` prints it; an empty list where it fails */
export function waysIn(text: string, destinations: readonly string[]): Way[] {
  const lines = text.split('\n');
  return destinations.map((to, index) => {
    const [route] = routesIn(lines[index] ?? '');
    if (!route) return { to, goes: { kind: 'nowhere' } };
    const { gateway } = route;
    return { to, goes: gateway === undefined ? { kind: 'directly' } : { kind: 'by', gateway } };
  });
}

/** @param text as `ip -j route show type blackhole` prints it, which says nothing of the family */
export const blackHolesIn = (text: string, family: Family = 4): string[] =>
  routesIn(text).flatMap(({ dst }) =>
    dst === undefined ? [] : [dst.includes('/') ? dst : `${dst}/${family === 4 ? 32 : 128}`],
  );

function routesIn(text: string): readonly Route[] {
  try {
    return JSON.parse(text) as readonly Route[];
  } catch {
    return [];
  }
}

const SETTINGS = '/proc/sys/';
/** The first stands for devices to come, the second is this node alone; of IPv6, no device asks what stands for all of them. */
const IRRELEVANT = /^net\/ipv[46]\/conf\/(default|lo)\/|^net\/ipv6\/conf\/all\/accept_/;

/** Settings that are not 0, as sysctl(8) names them. @param text lines of path, colon and value, as grep prints them */
export function settingsOnIn(text: string): string[] {
  return [...text.matchAll(/^([^:\n]+):(\S+)$/gm)]
    .map(([, path = '', value]) => ({ name: path.replace(SETTINGS, ''), value }))
    .filter(({ name, value }) => value !== '0' && !IRRELEVANT.test(name))
    .map(({ name }) => name.replaceAll('/', '.'));
}
