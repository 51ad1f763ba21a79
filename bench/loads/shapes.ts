/** Loads by our own client: pipelined, in pieces, idle for long, reset half way. */
import { askClient } from '../tools/ask-client';
import { exactly } from './exactly';
import type { Load } from './load';

const TIMEOUT_MS = 60_000;

interface Described {
  readonly id: string;
  readonly title: string;
}

export const pipelinedLoad = (
  described: Described,
  size: { readonly requests: number; readonly writes: number },
): Load =>
  exactly({ ...described, labKind: 'http' }, (stage, tag) =>
    askClient(stage, tag, { kind: 'pipelined', ...size }, TIMEOUT_MS),
  );

export const fragmentsLoad = (
  described: Described,
  size: { readonly connections: number; readonly requests: number },
): Load =>
  exactly({ ...described, labKind: 'http' }, (stage, tag) =>
    askClient(stage, tag, { kind: 'fragments', fragments: 4, pause_ms: 10, ...size }, TIMEOUT_MS),
  );

export const idleLoad = (
  described: Described,
  size: { readonly connections: number; readonly idle_ms: number },
): Load =>
  exactly({ ...described, labKind: 'http' }, async (stage, tag) => {
    const timeout_ms = size.idle_ms + TIMEOUT_MS;
    return askClient(stage, tag, { kind: 'idle', ...size }, timeout_ms);
  });

export const resetLoad = (
  described: Described,
  size: { readonly connections: number; readonly requests: number },
): Load =>
  exactly({ ...described, labKind: 'http' }, (stage, tag) =>
    askClient(stage, tag, { kind: 'reset', ...size }, TIMEOUT_MS),
  );
