/** Plays loads, each kind of server in a lab of its own. */
import type { LabKind, Load } from './load';
import type { Row } from './row';
import { withStage, type StageOptions } from './with-stage';

/** Rows in the order of the loads. */
export async function playLoads(loads: readonly Load[], options: StageOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of ['http', 'http2', 'redis'] as const) {
    const own = loads.filter(({ labKind }) => labKind === kind);
    if (own.length > 0) rows.push(...(await playInLab(kind, own, options)));
  }
  return loads.map(({ id }) => rows.find((row) => row.id === id)!);
}

function playInLab(kind: LabKind, loads: readonly Load[], options: StageOptions): Promise<Row[]> {
  return withStage(kind, options, async (stage) => {
    const rows: Row[] = [];
    for (const load of loads) {
      rows.push(await options.progress.step(load.title, () => load.measure(stage)));
    }
    return rows;
  });
}
