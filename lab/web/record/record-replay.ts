/** A replay that is watched and recorded: clients speak, a capture is taken of it, and played on the test server. */
import type { RunningLab } from '../../engine/commands/lab';
import type { LoadProfile } from '../../load/requests/schedule';
import { recordLoad } from '../../verify/record-load';
import { replayInLab, type ReplayVerification } from '../../verify/replay-lab';
import type { Recording } from '../messages/recording';
import type { RunMessage, RunPhase } from '../messages/run';
import type { Watched } from '../messages/watched';
import { Recorder } from './recorder';
import { requestsOf } from './requests';

export interface ReplayOptions {
  readonly profile: Omit<LoadProfile, 'protocol' | 'purpose'>;
  /** Requests a second. */
  readonly rate: number;
  readonly signal: AbortSignal;
}

/** @param lab with an offline copy */
export async function recordReplay(
  lab: RunningLab,
  watch: (lab: RunningLab) => Promise<Watched>,
  { profile: { seed, run, requests }, rate, signal }: ReplayOptions,
): Promise<Recording> {
  const profile: LoadProfile = { protocol: 'http', purpose: 'lab', seed, run, requests };
  const begun = { name: 'replay', architecture: 'offline', seed } as const;
  const watched = await watch(lab);
  const recorder = new Recorder();
  recorder.hear({ kind: 'run', run: begun });
  const end = watched.subscribe((message) => recorder.hear(message));
  const phase = (name: RunPhase): void =>
    recorder.hear({ kind: 'step', at_ms: Date.now(), step: { kind: 'phase', phase: name } });
  try {
    phase('recorded');
    const capture = await recordLoad(lab, profile, rate, signal);
    phase('played');
    const result = await replayInLab(lab, capture, { signal });
    phase('finished');
    recorder.hear(resultMessage(result));
  } finally {
    end();
    await watched.close();
  }
  return recorder.finish(begun, requestsOf(profile), watched.exchange.bind(watched));
}

function resultMessage({ verdict, reasons, ledger, leaks }: ReplayVerification): RunMessage {
  const { requests: sent, delivered, missing, unexpected } = ledger;
  const figures = { sent, delivered, missing, unexpected, leaked: leaks.frames };
  return { kind: 'result', at_ms: Date.now(), result: { verdict, reasons, figures } };
}
