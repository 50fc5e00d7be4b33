/**
 * Whether the text is one of the patterns, apart by commas: `*` is any run without `/`, `**` any run, as on the server. `before` is a
 * regular expression of what may stand before each pattern.
 */
export function fitsPattern(text: string, patterns: string, before = ''): boolean {
  const signs: Record<string, string> = { '*': '[^/]*', ',': '|', ' ': '' };
  const regex = patterns.replace(/(\*\*+)|\W/g, (sign, deep) => (deep ? '.*' : (signs[sign] ?? `\\${sign}`)));
  return new RegExp(`^${before}(${regex})$`).test(text);
}
