/** Whatever goes wrong in `run` stays here and becomes undefined: the page we are a guest on must never see an error of ours. */
export const safely =
  <Args extends unknown[], Result>(run: (...args: Args) => Result): ((...args: Args) => Result | undefined) =>
  (...args) => {
    try {
      return run(...args);
    } catch {}
  };
