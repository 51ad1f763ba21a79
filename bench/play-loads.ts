/** Plays loads, each kind of server in a lab of its own. */
import type { Progress } from '../lab/engine/docker/progress';
import type { Topology } from '../lab/topology/types';
import traditional from '../topologies/traditional';
import traditionalRedis from '../topologies/traditional-redis';
import { installClientProgram } from './loads/client-program';
import type { LabKind, Load } from './loads/load';
import { withOwnLab } from './own-lab';
import { prepareNginx } from './records/nginx-book';
import type { Row } from './row';
import { awaitArmed, stageOf, type Stage } from './stage';
import traditionalHttp2 from './topology-http2';

export interface PlayOptions {
  /** Begins the labs' names. */
  readonly prefix: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** How long the test server may make no progress. */
  readonly patience_ms?: number;
}

const topologies: Readonly<Record<LabKind, Topology>> = {
  http: traditional,
  http2: traditionalHttp2,
  redis: traditionalRedis,
};

/** Rows in the order of the loads. */
export async function playLoads(loads: readonly Load[], options: PlayOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of ['http', 'http2', 'redis'] as const) {
    const own = loads.filter(({ labKind }) => labKind === kind);
    if (own.length > 0) rows.push(...(await playInLab(kind, own, options)));
  }
  return loads.map(({ id }) => rows.find((row) => row.id === id)!);
}

/** A lab with what loads need, and its copy at work. */
export function withStage<T>(
  kind: LabKind,
  { prefix, progress, signal, patience_ms }: PlayOptions,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const own = { name: `${prefix}-${kind}`, topology: topologies[kind], progress, signal };
  return withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal, patience_ms);
    await Promise.all([...(kind === 'redis' ? [] : [prepareNginx(stage)]), installClientProgram(stage)]);
    await awaitArmed(stage);
    return work(stage);
  });
}

function playInLab(kind: LabKind, loads: readonly Load[], options: PlayOptions): Promise<Row[]> {
  return withStage(kind, options, async (stage) => {
    const rows: Row[] = [];
    for (const load of loads) {
      rows.push(await options.progress.step(load.title, () => load.measure(stage)));
    }
    return rows;
  });
}
