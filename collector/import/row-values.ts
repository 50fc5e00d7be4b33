/** A cell as text; '' where there is none. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value === '\\N' ? '' : value;
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : '';
}

/** What another product tells of browser and place, in our words. A word that is not known is left out. */
export function toPlatform(told: { device: string; browser: string; os: string; country: string }) {
  return {
    device: deviceNames[told.device.toLowerCase()],
    browser: browserNames[told.browser.toLowerCase()] ?? (told.browser || undefined),
    os: told.os || undefined,
    country: /^[A-Z]{2}$/i.test(told.country) ? told.country.toUpperCase() : undefined,
  };
}

const deviceNames: Record<string, string> = {
  desktop: 'desktop',
  laptop: 'desktop',
  ultrawide: 'desktop',
  mobile: 'mobile',
  tablet: 'tablet',
};

/** https://github.com/umami-software/umami/blob/master/src/lib/constants.ts and GA4 write some in lower case. */
const browserNames: Record<string, string> = {
  chrome: 'Chrome',
  crios: 'Chrome',
  firefox: 'Firefox',
  fxios: 'Firefox',
  safari: 'Safari',
  ios: 'Mobile Safari',
  edge: 'Edge',
  'edge-chromium': 'Edge',
  opera: 'Opera',
  samsung: 'Samsung Internet',
};
