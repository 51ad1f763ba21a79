/** What loads have in common whose test server behaves otherwise than the online server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientTask } from '../client/task';
import { RequestBook } from '../records/request-book';
import { remarked } from '../servers/program';
import { withServers, type Servers } from '../servers/with-servers';
import type { Stage } from '../stage/stage';
import { askClient, type Unaimed } from '../tools/ask-client';
import type { Play } from '../tools/play';
import { measureExactly, type Rules } from './exactly';
import type { Load } from './load';
import type { LoadName } from './load-name';

const TIMEOUT_MS = 180_000;
/** What may go out early while it is being learned how the test server pauses; of all requests. */
const EARLY_SHARE_MAX = 0.2;

export interface Otherwise {
  readonly servers: Servers;
  readonly play: Play;
  readonly rules: Rules;
}

/** Requests are told from each other by what clients said: no two may be alike. */
export function otherwise(name: LoadName, { servers, play, rules }: Otherwise): Load {
  const load = { ...name, labKind: 'http' as const };
  const open = (stage: Stage, tag: string): Promise<RequestBook> => RequestBook.open(stage, tag);
  return {
    ...load,
    measure: (stage) =>
      withServers(stage, servers, () => measureExactly(load, stage, play, { open, ...rules })),
  };
}

/** @param path what is asked for, before the tag */
export const byClient =
  (task: Unaimed<ClientTask>, path = ''): Play =>
  (stage, tag) =>
    askClient(stage, `${path}${tag}`, task, TIMEOUT_MS);

/** Somebody looks at what comes so long after the client has ended. */
export const watched =
  (play: Play, after_ms: number): Play =>
  async (stage, tag) => {
    const played = await play(stage, tag);
    await sleep(after_ms, undefined, { signal: stage.signal });
    return played;
  };

/** Whether a connection of the test server's ended before its answer did. */
export async function cutOff({ test }: Stage): Promise<readonly string[]> {
  const targets = await remarked(test, 'cut-off');
  return targets.length === 0
    ? []
    : [`${targets.length} answers of the test server were cut off, such as that to ${targets[0]}`];
}

/** Whether more requests than it takes to learn came in the middle of an answer. @param requests of the load */
export const early =
  (requests: number) =>
  async ({ test }: Stage): Promise<readonly string[]> => {
    const targets = await remarked(test, 'early');
    return targets.length <= requests * EARLY_SHARE_MAX
      ? []
      : [
          `${targets.length} of ${requests} requests were said in the middle of an answer, such as ${targets[0]}`,
        ];
  };
