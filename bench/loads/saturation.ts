/**
 * More than the copy can take, for so long. It may leave connections out, whole or between two of their requests, if it
 * counts each time; what it copies must be whole, and both together must be what the online server had, to the last request.
 */
import { growthOf } from '../../lab/verify/evidence/copy-state';
import { forgetPeak, usagesOf, type Usage } from '../candidates/usage';
import type { Delivery } from '../records/access-log';
import { accountOf, type ConnectionAccount, type Place } from '../records/connections';
import { NginxBook } from '../records/nginx-book';
import { withServers } from '../servers/with-servers';
import { countersOf, type Stage } from '../stage/stage';
import { synsAgain } from '../tools/syns-again';
import { placeIn, playSustained, type SustainedShape } from '../tools/sustained';
import { settled, tagFor } from './exactly';
import type { Load } from './load';
import type { LoadName } from './load-name';
import { rowOf, type Row } from './row';

/** By tcpcopy's own account: connections that it left out from their beginning, and copies that it ended between two requests. */
const COUNTED = ['connections_left_out', 'sessions_given_up_left-out'];
/** A connection that comes while the kernel is told of others may be counted twice (docs/counters.md), never not at all. */
const COUNTED_TWICE_MAX = 1 / 500;
/** What is missing then is not known to have been left out. */
const LOST = /^capture_kernel_dropped$|^sessions_given_up_(?!left-out$)/;

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
  const [before, synsBefore] = await Promise.all([countersOf(stage), synsAgain(stage)]);
  const played = await playSustained(shape)(stage, tag);
  const lag_ms = await settled(stage, book);
  const counters = growthOf(before, await countersOf(stage));
  const usages = await usagesOf([stage.online, stage.test]);
  const repeated = (await synsAgain(stage)) - synsBefore;
  const { online, test } = await book.lines();
  const account = accountOf({ online: online.map(placeOf), test: test.map(placeOf) });
  const faults = unaccounted(account, counters, repeated);
  const isLeftOut = faults.length === 0;
  return rowOf(load, {
    difference: { ...account, ...account.requests, ...(isLeftOut && { missing: 0, examplesMissing: [] }) },
    leftOut: isLeftOut ? account.missing : 0,
    played,
    lag_ms,
    faults,
    notes: [sharesOf(account), memoryOf(usages)],
    counters,
  });
}

/** By what it asks for: a connection that is joined in its middle begins to count anew at the test server. */
function placeOf({ target, connection }: Delivery): Place {
  const { run, ordinal } = placeIn(target)!;
  return { connection: `${run} ${connection}`, ordinal };
}

/** @param repeated SYNs that clients said again: each may have been counted once more */
function unaccounted(
  { stretches }: ConnectionAccount,
  counters: Readonly<Record<string, number>>,
  repeated: number,
): string[] {
  const counted = COUNTED.reduce((sum, name) => sum + (counters[name] ?? 0), 0);
  const losses = Object.keys(counters).filter((name) => LOST.test(name));
  return [
    ...(stretches <= counted && counted <= stretches * (1 + COUNTED_TWICE_MAX) + repeated
      ? []
      : [`connections were left out ${digits(stretches)} times, and ${digits(counted)} times were counted`]),
    ...losses.map((name) => `${name} ${digits(counters[name]!)}`),
  ];
}

const sharesOf = ({ connections, stretches, missing }: ConnectionAccount): string =>
  `${digits(connections)} connections, left out ${digits(stretches)} times with ${digits(missing)} requests`;

const memoryOf = ([tcpcopy, intercept]: readonly [Usage, Usage]): string => {
  const megabytes = ({ peak_bytes }: Usage): string => (peak_bytes / 1e6).toFixed(0);
  return `resident at most: tcpcopy ${megabytes(tcpcopy)} MB, intercept ${megabytes(intercept)} MB`;
};

const digits = (count: number): string => count.toLocaleString('en-US');
