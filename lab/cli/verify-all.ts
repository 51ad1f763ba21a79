/** Every shipped topology: started, verified and taken down, one after the other. */
import type { Verification } from '../verify/verification';
import { table, tell, told } from './output';
import { loadTopology, shippedNames } from './topology-source';

/** A copy's outcome. */
export interface Row {
  readonly topology: string;
  readonly copy: string;
  readonly verdict: 'pass' | 'fail';
  readonly sent: number;
  readonly atTest: number;
  readonly deviations: number;
  readonly leaks: number;
  readonly reasons: readonly string[];
}

export async function verifyAll(
  load: { readonly seed?: number; readonly requests?: number },
  signal: AbortSignal,
): Promise<Row[]> {
  const [{ up }, { down }, { findLab }, { verifyLab }] = await Promise.all([
    import('../engine/up'),
    import('../engine/down'),
    import('../engine/find-labs'),
    import('../verify/verify-lab'),
  ]);
  const rows: Row[] = [];
  for (const source of shippedNames()) {
    const topology = await loadTopology(source);
    if (topology.copies.length === 0) continue;
    // Of its own name, so that no lab that runs is touched.
    const name = `all-${process.pid}-${topology.name}`.slice(0, 31);
    tell(`\n${topology.name}`);
    const { lab } = await up(topology, { name, progress: told, signal });
    try {
      for (const { from } of topology.copies) {
        const { verification } = await verifyLab(lab, { ...load, from, signal });
        const row = rowOf(topology.name, verification);
        tell(`          ${row.copy}: ${row.verdict}`);
        rows.push(row);
      }
    } finally {
      await down(await findLab(name), told);
    }
  }
  return rows;
}

export function rowOf(topology: string, { verdict, scene, requests, leaks, reasons }: Verification): Row {
  const { sent, test: atTest, missing, duplicated, altered, reordered, unexpected } = requests;
  return {
    topology,
    copy: `${scene.online.name} to ${scene.test.name}`,
    verdict,
    sent,
    atTest,
    deviations: missing + duplicated + altered + reordered + unexpected,
    leaks: leaks.frames,
    reasons: reasons.map(({ code }) => code),
  };
}

export function rowsAsTable(rows: readonly Row[]): string {
  const head = ['topology', 'copy', 'verdict', 'sent', 'at test', 'deviations', 'leaks', 'reasons'];
  const lines = rows.map((row) => [
    row.topology,
    row.copy,
    row.verdict.toUpperCase(),
    String(row.sent),
    String(row.atTest),
    String(row.deviations),
    String(row.leaks),
    row.reasons.join(' '),
  ]);
  const all = [head, ...lines];
  // A column that holds nothing says nothing.
  const kept = head.map((_, column) => lines.some((line) => line[column] !== ''));
  return table(all.map((line) => line.filter((_, column) => kept[column])));
}
