/** Percent of the page's height down to the lower edge of the window; 0 while nothing has a height, as in a frame that is not shown. */
export function scrollPercent(): number {
  return Math.min(100, Math.round(((scrollY + innerHeight) / document.documentElement.scrollHeight) * 100)) || 0;
}
