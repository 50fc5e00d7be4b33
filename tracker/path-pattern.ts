/** Whether the path fits one of the patterns, apart by commas: `*` is any run without `/`, `**` any run, as on the server. */
export function fitsPattern(path: string, patterns: string): boolean {
  const regex = patterns
    .replace(/\s/g, '')
    .replace(/[^\w/*,-]/g, '\\$&')
    .replace(/\*+/g, (stars) => (stars[1] ? '.*' : '[^/]*'))
    .replace(/,/g, '|');
  return new RegExp(`^(?:${regex})$`).test(path);
}
