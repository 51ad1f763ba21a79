/** A lab with what loads need, and its copy at work. */
import type { ComponentsChoice } from '../../lab/engine/nodes/components';
import type { Progress } from '../../lab/engine/docker/progress';
import type { Topology } from '../../lab/topology/types';
import traditional from '../../topologies/traditional';
import traditionalRedis from '../../topologies/traditional-redis';
import { prepareNginx } from '../servers/nginx';
import { withOwnLab } from '../stage/own-lab';
import { awaitArmed, stageOf, type Stage } from '../stage/stage';
import { installClientProgram } from '../tools/ask-client';
import type { LabKind } from './load';
import traditionalHttp2 from './topology-http2';

export interface StageOptions {
  /** Begins the labs' names. */
  readonly prefix: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** How long the test server may make no progress. */
  readonly patience_ms?: number;
  /** Other programs in the place of ours. */
  readonly components?: ComponentsChoice;
}

const topologies: Readonly<Record<LabKind, Topology>> = {
  http: traditional,
  http2: traditionalHttp2,
  redis: traditionalRedis,
};

export function withStage<T>(
  kind: LabKind,
  { prefix, progress, signal, patience_ms, components }: StageOptions,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const own = { name: `${prefix}-${kind}`, topology: topologies[kind], components, progress, signal };
  return withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal, { patience_ms });
    await Promise.all([...(kind === 'redis' ? [] : [prepareNginx(stage)]), installClientProgram(stage)]);
    await awaitArmed(stage);
    return work(stage);
  });
}
