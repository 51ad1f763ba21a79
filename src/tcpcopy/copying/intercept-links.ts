/**
 * The connections to all intercepts: to each of their workers one. An intercept of several workers listens at as many ports, one behind the
 * other, and responses may come to any of them: all hear of all routes.
 */
import type { ControlClient } from '../../control/client';
import type { Key } from '../../control/sealed/key';
import type { Route } from '../../wire/reply';
import type { Share } from '../../wire/tables/share';
import type { InterceptEndpoint } from '../options/intercepts';

type Connect = (
  named: InterceptEndpoint,
  intercept: InterceptEndpoint,
  keys: readonly Key[] | undefined,
) => ControlClient;

export class InterceptLinks {
  /** That of the named port first. */
  readonly #links: ReadonlyMap<InterceptEndpoint, ControlClient[]>;
  #all: readonly ControlClient[];

  /** @param connect @returns a connection that is to be started, to this worker of an intercept that is named */
  constructor(
    intercepts: readonly InterceptEndpoint[],
    private readonly connect: Connect,
    private keys: readonly Key[] | undefined,
  ) {
    this.#links = new Map(intercepts.map((intercept) => [intercept, [connect(intercept, intercept, keys)]]));
    this.#all = [...this.#links.values()].flat();
  }

  get all(): readonly ControlClient[] {
    return this.#all;
  }

  get names(): string[] {
    return this.#all.map(({ name }) => name);
  }

  /**
   * The named one says how many workers it has, which may be others than before it was started again.
   *
   * @returns those that are gone, and those that are new and are to be started; undefined where nothing is
   */
  meet(
    named: InterceptEndpoint,
    { index, count }: Share,
  ): { readonly gone: readonly ControlClient[]; readonly added: readonly ControlClient[] } | undefined {
    const links = this.#links.get(named)!;
    if (index > 0 || links.length === count) return undefined;
    const added = Array.from({ length: Math.max(0, count - links.length) }, (_, more) =>
      this.connect(named, { ...named, port: named.port + links.length + more }, this.keys),
    );
    const gone = links.splice(count);
    links.push(...added);
    this.#all = [...this.#links.values()].flat();
    return { gone, added };
  }

  tell(route: Route, what: 'register' | 'unregister' | 'abandon' | 'compare'): void {
    for (const client of this.#all) if (client.guards(route)) client[what](route);
  }

  useKeys(keys: readonly Key[]): void {
    this.keys = keys;
    for (const client of this.#all) client.useKeys(keys);
  }

  flush(): void {
    for (const client of this.#all) client.flush();
  }

  hurry(): void {
    for (const client of this.#all) client.hurry();
  }

  start(): void {
    for (const client of this.#all) client.start();
  }

  stop(): void {
    for (const client of this.#all) client.stop();
  }
}
