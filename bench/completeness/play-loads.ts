/** Plays loads, each kind of server in a lab of its own. */
import type { LabKind, Playable } from '../loads/load';
import { withStage, type StageOptions } from '../loads/with-stage';

/** What they came to, in the order of the loads. */
export async function playLoads<Result>(
  loads: readonly Playable<Result>[],
  options: StageOptions,
): Promise<Result[]> {
  const results = new Map<string, Result>();
  const playInLab = (kind: LabKind, own: readonly Playable<Result>[]): Promise<void> =>
    withStage(kind, options, async (stage) => {
      for (const load of own) {
        results.set(load.id, await options.progress.step(load.title, () => load.measure(stage)));
      }
    });
  for (const kind of ['http', 'http2', 'redis'] as const) {
    const own = loads.filter(({ labKind }) => labKind === kind);
    if (own.length > 0) await playInLab(kind, own);
  }
  return loads.map(({ id }) => results.get(id)!);
}
