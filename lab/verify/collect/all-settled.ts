/**
 * The results of all, or the first failure, but only when none of them is under way any more: what one of them still
 * starts could not be cleaned up otherwise.
 */
export async function allSettled<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(works);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
