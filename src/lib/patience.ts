// Waits for a promise, up to a time limit.

/**
 * Waits for `work` for at most `millis`. Resolves to the value of `work`, or to the value of `late` when the time is over first. Rejects when
 * `work` rejects in time, or when `late` throws. `work` itself goes on after the time limit, and its later rejection is ignored.
 */
export async function waitAtMost<T, L>(millis: number, work: PromiseLike<T>, late: () => L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<L>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (thrown) {
        reject(thrown);
      }
    }, millis);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
