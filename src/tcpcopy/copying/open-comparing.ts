/** What is told of compared connections goes to each intercept over a connection of its own, beside that of the copies. */
import { ControlClient } from '../../control/client';
import type { Key } from '../../control/sealed/key';
import { Comparing, type ComparingHost } from './comparing';
import { guardedBy } from '../options/intercepts';
import type { TcpcopyOptions } from '../options/options';

/** Such a connection hears nothing. */
const UNHEARD = { guard: () => undefined, replies: () => undefined, unroutable: () => undefined };

/** @returns undefined where nothing is compared */
export function openComparing(
  { intercepts, engine: { transfers }, source }: TcpcopyOptions,
  keys: readonly Key[] | undefined,
  host: Omit<ComparingHost, 'connect'>,
): Comparing | undefined {
  if (source.kind !== 'live' || source.compared === 0) return undefined;
  const connect: ComparingHost['connect'] = ({ connected, lost }) =>
    intercepts.map((intercept) => {
      const client: ControlClient = new ControlClient(
        intercept.host,
        intercept.port,
        guardedBy(intercept, intercepts, transfers),
        {
          ...UNHEARD,
          connected: () => connected(client.name),
          lost: (reason) => lost(client.name, reason),
        },
        host.turns,
        keys,
        'compare',
      );
      return client;
    });
  return new Comparing({ share: source.compared, transfers }, { ...host, connect });
}
