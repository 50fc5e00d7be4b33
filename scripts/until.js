// @ts-check

/**
 * Asks until the answer is truthy; fails with the given words after the deadline.
 * @template Value
 * @param {() => Value | Promise<Value>} ask
 * @param {number} [deadlineMs]
 * @param {() => string} [words]
 * @returns {Promise<NonNullable<Exclude<Value, false>>>}
 */
export async function until(ask, deadlineMs = 60_000, words = () => 'it did not happen in time') {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await ask();
    if (value) return /** @type {NonNullable<Exclude<Value, false>>} */ (value);
    if (Date.now() > end) throw new Error(words());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
