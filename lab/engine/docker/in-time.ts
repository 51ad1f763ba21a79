/** Engines that say nothing: a daemon that is stopped, or a machine that is cut off, takes a connection and never answers. */

/** One that is slower than this must not hold up the others. */
const ANSWER_WITHIN_MS = 15_000;
/** One that was silent is not waited for again. */
const AGAIN_WITHIN_MS = 1_000;

const silent = new WeakSet<object>();

/** It has let another question wait for too long. */
export const wasSilent = (engine: object): void => void silent.add(engine);

/**
 * An answer of an engine.
 *
 * @param engine the same one for the same engine
 * @param ask is given what to end the question by
 * @throws what `ask` throws; an Error that says how long there was no answer
 */
export async function inTime<T>(engine: object, ask: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const within_ms = silent.has(engine) ? AGAIN_WITHIN_MS : ANSWER_WITHIN_MS;
  const limit = new AbortController();
  const timer = setTimeout(() => {
    wasSilent(engine);
    limit.abort(new Error(`no answer within ${within_ms / 1000} s`));
  }, within_ms);
  try {
    const answer = await ask(limit.signal);
    silent.delete(engine);
    return answer;
  } catch (error) {
    limit.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
