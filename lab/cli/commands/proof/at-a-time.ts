/** Works on items side by side, a few at a time. */

/**
 * Resolves when all are done. When one fails, no other begins, those under way are told by their signal to stop, and it
 * rejects with the first failure after they have ended.
 */
export async function atATime<T>(
  limit: number,
  items: readonly T[],
  work: (item: T, stop: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      stop.throwIfAborted();
      await work(item, stop);
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, () =>
    worker().catch((failure: unknown) => {
      failed.abort(failure);
    }),
  );
  await Promise.all(workers);
  stop.throwIfAborted();
}
