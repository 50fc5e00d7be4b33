/**
 * Whether the text is one of the patterns, apart by commas: `*` is any run without `/`, `**` any run, as on the server. `before` is a
 * regular expression of what may stand before each pattern.
 */
export function fitsPattern(text: string, patterns: string, before = ''): boolean {
  return patterns.split(',').some((pattern) => {
    const regex = pattern
      .trim()
      .replace(/\W/g, '\\$&')
      .replace(/(\\\*)+/g, (stars) => (stars[2] ? '.*' : '[^/]*'));
    return new RegExp(`^${before}${regex}$`).test(text);
  });
}
