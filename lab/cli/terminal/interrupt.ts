/** Ctrl-C and its like, turned into an abort, so that commands can clean up behind themselves. */
import { constants } from 'node:os';
import { LabError } from '../../engine/docker/errors';
import { tell } from './output';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Exit status for an end by the first signal; undefined while there was none. */
export let interruptedStatus: number | undefined;

/** Aborts at the first signal; later ones are answered but change nothing, since the cleaning up must end. */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        tell('Still removing what was started; this takes a few seconds.');
        return;
      }
      interruptedStatus = 128 + constants.signals[signal];
      tell(`${signal}: removing what was started.`);
      controller.abort(new LabError('INTERRUPTED', `Interrupted by ${signal}; nothing is left behind.`));
    });
  }
  return controller.signal;
}

/** Aborts at the first signal and says nothing: for commands that pass it on. */
export function forwardedSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) process.on(signal, () => controller.abort());
  return controller.signal;
}
