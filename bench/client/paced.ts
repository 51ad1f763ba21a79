/** Requests at a fixed rate, spread over connections in turn; a connection that still waits for an answer is left out. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, get, together, type Place } from './connection';
import type { PacedTask } from './task';

export async function paced(task: PacedTask & Place & { readonly tag: string }): Promise<number> {
  const free = await together(task.connections, () => Connection.open(task));
  const all = [...free];
  const planned = Math.round((task.rate * task.duration_ms) / 1000);
  const began_ms = performance.now();
  const under = new Set<Promise<void>>();
  let sent = 0;
  while (sent < planned && performance.now() - began_ms < task.duration_ms) {
    const due = Math.min(planned, Math.ceil(((performance.now() - began_ms) * task.rate) / 1000));
    while (sent < due && free.length > 0) {
      const connection = free.shift()!;
      const answered = connection.ask(get(`/${task.tag}/${sent}`)).then(() => {
        free.push(connection);
        under.delete(answered);
      });
      under.add(answered);
      sent += 1;
    }
    await sleep(1);
  }
  await Promise.all(under);
  await Promise.all(all.map((connection) => connection.close()));
  return sent;
}
