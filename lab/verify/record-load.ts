/** A capture of what clients say to the online server, of a load that its profile derives. */
import type { RunningLab } from '../engine/commands/lab';
import type { LoadProfile } from '../load/requests/schedule';
import { Cleanup } from './collect/cleanup';
import { RunningLoad } from './collect/load';
import { clientParts } from './collect/load-parts';
import { sceneOf } from './collect/scene-of';
import { sendMark } from './collect/send-mark';
import { startTaps } from './collect/taps';

/** @param rate requests a second @returns as the online server's device had it */
export async function recordLoad(
  lab: RunningLab,
  profile: LoadProfile,
  rate: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const scene = await sceneOf(lab);
  const cleanup = new Cleanup();
  try {
    const taps = await startTaps(lab, scene, profile.run, cleanup);
    await sendMark(lab, scene, profile.run, 'before');
    const load = await RunningLoad.start(clientParts(lab, scene, profile, rate), cleanup);
    await load.summaries(signal);
    await sendMark(lab, scene, profile.run, 'after');
    await taps.recorded();
    const recorded = await taps.stop();
    return recorded.find(({ node }) => node === scene.online.name)!.capture;
  } finally {
    await cleanup.run();
  }
}
