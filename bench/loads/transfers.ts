/** Large bodies, by curl: uploads of random bytes, and a download. */
import type { Stage } from '../stage/stage';
import { exactly } from './exactly';
import type { Load } from './load';
import { runClient } from '../tools/run-client';

const TIMEOUT_MS = 120_000;
const MEGABYTE = 1_000_000;

export interface UploadLoad {
  readonly id: string;
  readonly title: string;
  /** All at the same time. */
  readonly uploads: number;
  readonly megabytes: number;
  readonly original?: string;
}

export function uploadLoad({ uploads, megabytes, ...described }: UploadLoad): Load {
  return exactly({ ...described, labKind: 'http' }, async (stage, tag) => {
    const make = `head -c ${megabytes * MEGABYTE} /dev/urandom >"/tmp/upload-$i"`;
    await runClient(stage, ['sh', '-c', forEach(uploads, make)], TIMEOUT_MS);
    const began_ms = performance.now();
    const post = `curl -sf -o /dev/null --data-binary "@/tmp/upload-$i" "${urlOf(stage)}/${tag}/$i" & pids="$pids $!"`;
    await runClient(stage, ['sh', '-c', `${forEach(uploads, post)}; ${awaitAll}`], TIMEOUT_MS);
    const seconds = (performance.now() - began_ms) / 1000;
    await runClient(stage, ['sh', '-c', 'rm -f /tmp/upload-*'], TIMEOUT_MS);
    return { requests: uploads, seconds };
  });
}

/** @param file one of those that the lab's nginx serves under /bytes */
export function downloadLoad(described: { id: string; title: string; file: string }): Load {
  return exactly({ ...described, labKind: 'http' }, async (stage, tag) => {
    const began_ms = performance.now();
    const url = `${urlOf(stage)}/bytes/${described.file}?${tag}`;
    await runClient(stage, ['curl', '-sf', '-o', '/dev/null', url], TIMEOUT_MS);
    return { requests: 1, seconds: (performance.now() - began_ms) / 1000 };
  });
}

const forEach = (count: number, command: string): string => `for i in $(seq ${count}); do ${command}; done`;

/** Fails when one of those fails. */
const awaitAll = 'for pid in $pids; do wait "$pid" || exit 1; done';

const urlOf = ({ scene }: Stage): string => `http://${scene.online.address}:${scene.online.port}`;
