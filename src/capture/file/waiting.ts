/** Waiting for something, but no longer than one may. */

/** Resolves when `signal` aborts; `release` forgets it. */
export function aborted(signal: AbortSignal): { readonly done: Promise<void>; release(): void } {
  let resolve: () => void = () => undefined;
  const done = new Promise<void>((resolved) => (resolve = resolved));
  const end = (): void => resolve();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end);
  return { done, release: () => signal.removeEventListener('abort', end) };
}

/** Does something with a signal that aborts after so long, or when `signal` does. */
export async function within<Result>(
  duration_ms: number,
  signal: AbortSignal,
  work: (until: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, duration_ms);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    return await work(over.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** Resolves early when `signal` aborts. */
export const sleep = (duration_ms: number, signal: AbortSignal): Promise<void> =>
  within(duration_ms, signal, (until) => aborted(until).done);
