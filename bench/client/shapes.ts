/** Connections that behave in ways which no load tool offers. Each resolves with how many requests came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, get, together, type Place } from './connection';
import type { AskingTask, FragmentsTask, IdleTask, PipelinedTask, ResetTask, SayingTask } from './task';

type Aimed<Task> = Task & Place & { readonly tag: string };

export async function asking({ connections, requests, tag, ...place }: Aimed<AskingTask>): Promise<number> {
  await together(connections, async (number) => {
    const connection = await Connection.open(place);
    for (let index = 0; index < requests; index += 1) await connection.ask(get(`/${tag}/${number}-${index}`));
    await connection.close();
  });
  return connections * requests;
}

export async function saying(task: Aimed<SayingTask>): Promise<number> {
  const { connections, requests, pause_ms, tag } = task;
  await together(connections, async (number) => {
    const connection = await Connection.open(task);
    for (let index = 0; index < requests; index += 1) {
      connection.socket.write(get(`/${tag}/${number}-${index}`));
      await sleep(pause_ms);
    }
    await connection.close();
  });
  return connections * requests;
}

export async function pipelined({ requests, writes, tag, ...place }: Aimed<PipelinedTask>): Promise<number> {
  const connection = await Connection.open(place);
  const perWrite = requests / writes;
  for (let write = 0; write < writes; write += 1) {
    const first = write * perWrite;
    connection.socket.write(
      Array.from({ length: perWrite }, (_, index) => get(`/${tag}/${first + index}`)).join(''),
    );
    // A turn of the event loop, so that no two writes become one.
    await sleep(1);
  }
  await connection.answers(requests);
  await connection.close();
  return requests;
}

export async function fragments(task: Aimed<FragmentsTask>): Promise<number> {
  await together(task.connections, async (number) => {
    const connection = await Connection.open(task);
    for (let index = 0; index < task.requests; index += 1) {
      const request = get(`/${task.tag}/${number}-${index}`);
      const length = Math.ceil(request.length / task.fragments);
      for (let at = 0; at < request.length; at += length) {
        if (at > 0) await sleep(task.pause_ms);
        connection.socket.write(request.slice(at, at + length));
      }
      await connection.answers(1);
    }
    await connection.close();
  });
  return task.connections * task.requests;
}

const ANSWER_WITHIN_MS = 30_000;

export async function idle({ connections, idle_ms, tag, ...place }: Aimed<IdleTask>): Promise<number> {
  const open = await together(connections, () => Connection.open(place, idle_ms + ANSWER_WITHIN_MS));
  await sleep(idle_ms);
  await Promise.all(
    open.map(async (connection, number) => {
      // The server may have had enough of waiting meanwhile, and that must not go unnoticed.
      await connection.ask(get(`/${tag}/${number}`));
      await connection.close();
    }),
  );
  return connections;
}

const BODY_BYTES = 100_000;
/** The first half is on its way, and taken in. */
const HALF_WAY_PAUSE_MS = 50;

export async function reset({ connections, requests, tag, ...place }: Aimed<ResetTask>): Promise<number> {
  await together(connections, async (number) => {
    const connection = await Connection.open(place);
    for (let index = 0; index < requests; index += 1) await connection.ask(get(`/${tag}/${number}-${index}`));
    const head = `POST /${tag}/${number}-half HTTP/1.1\r\nHost: online\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`;
    connection.socket.write(head + 'h'.repeat(BODY_BYTES / 2));
    await sleep(HALF_WAY_PAUSE_MS);
    connection.socket.resetAndDestroy();
  });
  return connections * requests;
}
