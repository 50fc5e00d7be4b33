/**
 * TRICKY: the mere mention of `localStorage` throws in a sandboxed frame and where the visitor blocks site data
 * (https://github.com/plausible/analytics/issues/1225, https://github.com/umami-software/umami/issues/2971).
 */
export function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps the value, or forgets the key when there is none. Storage that is full or forbidden is no error. */
export function store(key: string, value: string | undefined): void {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // The id then lives as long as the page.
  }
}
