/** Percent of the page's height down to the lower edge of the window; 0 while the page has no height. */
export function scrollPercent(): number {
  const height = document.documentElement.scrollHeight;
  return height && Math.min(100, Math.round(((scrollY + innerHeight) / height) * 100));
}
