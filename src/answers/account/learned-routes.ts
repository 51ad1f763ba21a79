/** Which segments of routes are ids though they do not look like it: where so many different ones stand in the same place. */
import type { Route } from './route';

/** In one place of the same beginning: more than any API has resources beside each other. */
const BESIDE_MAX = 20;
export const ANY = '{…}';

export class LearnedRoutes {
  /** Beginnings behind which all segments are one. */
  readonly #folded = new Set<string>();

  /** @returns the route as it is known by now */
  fold(route: Route): Route {
    const segments: string[] = [];
    for (const segment of route.segments)
      segments.push(this.#folded.has(beginning(route, segments)) ? ANY : segment);
    return { ...route, segments };
  }

  /** @param routes all that were seen @returns whether something was learned: then they are others now */
  learn(routes: readonly Route[]): boolean {
    const before = this.#folded.size;
    const depth = Math.max(0, ...routes.map(({ segments }) => segments.length));
    // From the left: what is one behind a beginning is one beginning of the next.
    for (let at = 0; at < depth; at += 1) {
      const beside = new Map<string, Set<string>>();
      for (const route of routes.map((one) => this.fold(one))) {
        const segment = route.segments[at];
        if (segment === undefined) continue;
        const key = beginning(route, route.segments.slice(0, at));
        const found = beside.get(key) ?? new Set();
        beside.set(key, found.add(segment));
      }
      for (const [key, found] of beside) if (found.size > BESIDE_MAX) this.#folded.add(key);
    }
    return this.#folded.size > before;
  }
}

const beginning = ({ head, separator }: Route, segments: readonly string[]): string =>
  `${head} ${separator} ${segments.join('/')}`;
