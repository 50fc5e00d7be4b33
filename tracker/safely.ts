/** Whatever goes wrong in `run` stays here and becomes undefined: the page we are a guest on must never see an error of ours. */
export function safely<Args extends unknown[], Result>(
  run: (...args: Args) => Result,
): (...args: Args) => Result | undefined {
  return (...args) => {
    try {
      return run(...args);
    } catch {
      return undefined;
    }
  };
}
