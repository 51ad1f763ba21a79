/** How much quicker several workers play a capture than one: read, taken apart and copied, but for the kernel and the test server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ONLINE } from '../engine/engine-play';
import { sideBySide, type SideBySide } from '../engine/side-by-side';
import { captureOf } from './make-requests';
import type { ReplayerWishes } from './replayer';

const CONNECTIONS = 500;
const REQUESTS_EACH = 200;
const RATIO_MIN = 1.6;

export async function offlineWorkers(workers: number, signal: AbortSignal): Promise<SideBySide> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-offline-'));
  const file = join(folder, 'requests.pcap');
  try {
    await writeFile(file, captureOf(CONNECTIONS, REQUESTS_EACH, ONLINE));
    const wishesOf = (share: ReplayerWishes['share']): ReplayerWishes => ({
      share,
      file,
      connections: CONNECTIONS,
    });
    const plays = { warm: 'once', task: 'again' };
    return await sideBySide(
      { entry: 'offline/replayer.ts', wishesOf, ...plays, least: RATIO_MIN },
      workers,
      signal,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
