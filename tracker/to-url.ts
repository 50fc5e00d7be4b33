/** The address, absolute or relative to the page; undefined when it is none. */
export function toUrl(address: unknown): URL | undefined {
  try {
    return new URL(`${address}`, location.href);
  } catch {
    return undefined;
  }
}
