/** A verification that is watched and recorded. */
import type { RunningLab } from '../../engine/commands/lab';
import type { Verification } from '../../verify/verification';
import { verifyLab, type VerifyOptions, type VerifyResult } from '../../verify/verify-lab';
import type { Recording } from '../messages/recording';
import type { RunMessage } from '../messages/run';
import type { Watched } from '../messages/watched';
import { originalOf } from '../play/run-messages';
import { Recorder } from './recorder';
import { requestsOf } from './requests';

export async function recordVerify(
  lab: RunningLab,
  watch: (lab: RunningLab) => Promise<Watched>,
  options: VerifyOptions,
): Promise<VerifyResult & { readonly recording: Recording }> {
  const watched = await watch(lab);
  const recorder = new Recorder();
  const end = watched.subscribe((message) => recorder.hear(message));
  let result: VerifyResult;
  try {
    result = await verifyLab(lab, {
      ...options,
      async onPhase(phase) {
        recorder.hear({ kind: 'step', at_ms: Date.now(), step: { kind: 'phase', phase } });
        await options.onPhase?.(phase);
      },
    });
  } finally {
    end();
    await watched.close();
  }
  const { verification } = result;
  const { profile, scene } = verification;
  const architecture = scene.assistants.length > 0 ? 'data-link' : 'traditional';
  const isDerived = profile.protocol !== 'bytes';
  const seed = isDerived ? { seed: profile.seed } : {};
  const run = { name: 'verify', architecture, ...seed, ...originalOf(lab.flavour) } as const;
  recorder.hear({ kind: 'run', run }, 0);
  recorder.hear(resultMessage(verification));
  const recording = recorder.finish(
    run,
    isDerived ? requestsOf(profile) : [],
    watched.exchange.bind(watched),
  );
  return { ...result, recording };
}

function resultMessage({ verdict, reasons, requests, leaks, clocks }: Verification): RunMessage {
  const { sent, missing, duplicated, altered, reordered } = requests;
  const readings = clocks.flatMap(({ reading }) => reading ?? []);
  const figures = {
    ...{ sent, leaked: leaks.frames, missing, doubled: duplicated, altered, reordered },
    ...(readings.length > 0 && {
      clocks_apart_ms: largest(readings.map(({ ahead_ms }) => Math.abs(ahead_ms))),
      clock_error_ms: largest(readings.map(({ error_ms }) => error_ms)),
    }),
  };
  const sentences = reasons.map(({ code, message }) => `${code}: ${message}`);
  return { kind: 'result', at_ms: Date.now(), result: { verdict, reasons: sentences, figures } };
}

/** To a microsecond. */
const largest = (values_ms: readonly number[]): number => Number(Math.max(...values_ms).toFixed(3));
