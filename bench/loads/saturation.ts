/**
 * More than the copy can take, for so long. It may leave connections out, whole or from one of their requests on, if it
 * counts them; what it copies must be whole, and both together must be what the online server had, to the last request.
 */
import { growthOf } from '../../lab/verify/evidence/copy-state';
import { forgetPeak, usagesOf } from '../candidates/usage';
import { accountOf } from '../records/connections';
import { NginxBook } from '../records/nginx-book';
import { withServers } from '../servers/with-servers';
import { countersOf } from '../stage/stage';
import { playSustained, type SustainedShape } from '../tools/sustained';
import { settled, tagFor } from './exactly';
import type { Load, LoadName } from './load';
import { rowOf } from './row';

/** Connections that tcpcopy left out on purpose, by its own account. */
const COUNTED = 'connections_left_out';

export interface SaturationShape extends SustainedShape {
  /** Both servers close a connection behind so many; undefined where each brings a single one. */
  readonly requestsPerConnection?: number;
}

export function saturationLoad(name: LoadName, { requestsPerConnection, ...shape }: SaturationShape): Load {
  const load = { ...name, labKind: 'http' as const };
  const settings = requestsPerConnection === undefined ? {} : { requestsPerConnection };
  const nginx = { kind: 'nginx', settings } as const;
  return {
    ...load,
    measure: (stage) =>
      withServers(stage, { online: nginx, test: nginx }, async () => {
        const tag = tagFor(load);
        const book = await NginxBook.open(stage, tag);
        await Promise.all([forgetPeak(stage.online, 'tcpcopy'), forgetPeak(stage.test, 'intercept')]);
        const before = await countersOf(stage);
        const played = await playSustained(shape)(stage, tag);
        const lag_ms = await settled(stage, book);
        const counters = growthOf(before, await countersOf(stage));
        const peaks = (await usagesOf([stage.online, stage.test])).map(({ peak_bytes }) => peak_bytes / 1e6);
        const { online, test } = await book.lines();
        // A target is a run of ab, and in a run a port is seldom used twice.
        const place = ({ target, connection, ordinal }: (typeof online)[number]) => ({
          connection: `${target} ${connection}`,
          ordinal,
        });
        const account = accountOf({ online: online.map(place), test: test.map(place) });
        const counted = counters[COUNTED] ?? 0;
        return rowOf(load, {
          difference: { ...account, ...account.requests },
          leftOut: account.requestsLeftOut,
          played,
          lag_ms,
          faults:
            account.leftOut === counted
              ? []
              : [
                  `${account.leftOut} of ${account.connections} connections were left out, and ${counted} were counted`,
                ],
          notes: [
            `${account.requestsLeftOut} requests of ${account.leftOut} of ${account.connections} connections were left out`,
            `resident at most: tcpcopy ${peaks[0]!.toFixed(0)} MB, intercept ${peaks[1]!.toFixed(0)} MB`,
          ],
          counters,
        });
      }),
  };
}
