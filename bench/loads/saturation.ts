/**
 * More than the copy can take, for so long. It may leave connections out, whole or from one of their requests on, if it
 * counts them; what it copies must be whole, and both together must be what the online server had, to the last request.
 */
import { growthOf } from '../../lab/verify/evidence/copy-state';
import { forgetPeak, usagesOf, type Usage } from '../candidates/usage';
import type { Delivery } from '../records/access-log';
import { accountOf, type ConnectionAccount, type Place } from '../records/connections';
import { NginxBook } from '../records/nginx-book';
import { withServers } from '../servers/with-servers';
import { countersOf, type Stage } from '../stage/stage';
import { placeIn, playSustained, type SustainedShape } from '../tools/sustained';
import { settled, tagFor } from './exactly';
import type { Load } from './load';
import type { LoadName } from './load-name';
import { rowOf, type Row } from './row';

/** Connections that tcpcopy left out on purpose, by its own account. */
const COUNTED = 'connections_left_out';

export function saturationLoad(name: LoadName, shape: SustainedShape): Load {
  const load = { ...name, labKind: 'http' as const };
  const { requestsPerConnection } = shape;
  const nginx = { kind: 'nginx', settings: { requestsPerConnection } } as const;
  return {
    ...load,
    measure: (stage) =>
      withServers(stage, { online: nginx, test: nginx }, () => measureSaturation(load, stage, shape)),
  };
}

async function measureSaturation(
  load: Omit<Load, 'measure'>,
  stage: Stage,
  shape: SustainedShape,
): Promise<Row> {
  const tag = tagFor(load);
  const book = await NginxBook.open(stage, tag);
  await Promise.all([forgetPeak(stage.online, 'tcpcopy'), forgetPeak(stage.test, 'intercept')]);
  const before = await countersOf(stage);
  const played = await playSustained(shape)(stage, tag);
  const lag_ms = await settled(stage, book);
  const counters = growthOf(before, await countersOf(stage));
  const usages = await usagesOf([stage.online, stage.test]);
  const { online, test } = await book.lines();
  const account = accountOf({ online: online.map(placeOf), test: test.map(placeOf) });
  return rowOf(load, {
    difference: { ...account, ...account.requests },
    leftOut: account.requestsLeftOut,
    played,
    lag_ms,
    faults: uncounted(account, counters[COUNTED] ?? 0),
    notes: [sharesOf(account), memoryOf(usages)],
    counters,
  });
}

/** By what it asks for: a connection that is joined in its middle begins to count anew at the test server. */
function placeOf({ target, connection }: Delivery): Place {
  const { run, ordinal } = placeIn(target)!;
  return { connection: `${run} ${connection}`, ordinal };
}

function uncounted({ leftOut }: ConnectionAccount, counted: number): string[] {
  if (leftOut === counted) return [];
  return [`${digits(leftOut)} connections were left out, and ${digits(counted)} were counted`];
}

const sharesOf = ({ connections, leftOut, requestsLeftOut }: ConnectionAccount): string =>
  `${digits(connections)} connections, of which ${digits(leftOut)} were left out with ${digits(requestsLeftOut)} requests`;

const memoryOf = ([tcpcopy, intercept]: readonly [Usage, Usage]): string => {
  const megabytes = ({ peak_bytes }: Usage): string => (peak_bytes / 1e6).toFixed(0);
  return `resident at most: tcpcopy ${megabytes(tcpcopy)} MB, intercept ${megabytes(intercept)} MB`;
};

const digits = (count: number): string => count.toLocaleString('en-US');
