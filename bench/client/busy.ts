/** Connections that ask as soon as they are answered, and are idle for a moment now and then. */
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, get, together, type Place } from './connection';
import { busyTarget, type BusyTask, type Pause } from './task';

export interface BusyReport {
  readonly requests: number;
  readonly pauses: readonly Pause[];
}

export async function busy(task: BusyTask & Place & { readonly tag: string }): Promise<BusyReport> {
  rmSync(task.endFile, { force: true });
  const end_ms = performance.now() + task.duration_ms_max;
  const pauses: Pause[] = [];
  let requests = 0;
  await together(task.connections, async (number) => {
    const connection = await Connection.open(task);
    // The pauses of all connections together would be moments in which nothing is busy.
    let burst_ms = (task.burst_ms * (number + 1)) / task.connections;
    for (let burst = 0; performance.now() < end_ms && !existsSync(task.endFile); burst += 1) {
      const burstEnd_ms = performance.now() + burst_ms;
      for (let index = 0; performance.now() < burstEnd_ms; index += 1) {
        await connection.ask(get(busyTarget(task.tag, number, burst, index)));
        requests += 1;
      }
      pauses.push({ connection: number, nextBurst: burst + 1, from_ms: Date.now() });
      await sleep(task.pause_ms);
      ({ burst_ms } = task);
    }
    await connection.close();
  });
  return { requests, pauses };
}
