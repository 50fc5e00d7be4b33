/** Whatever goes wrong in `run` stays here: the page we are a guest on must never see an error of ours. */
export function safely<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
  return (...args) => {
    try {
      run(...args);
    } catch {
      // The visitor's page is worth more than our event.
    }
  };
}
