/**
 * Whether this browser asks not to be tracked, by Global Privacy Control or Do Not Track.
 *
 * TRICKY: `globalPrivacyControl` is undefined in browsers that do not know it, so it is asked for its truth, not for `false`
 * (https://w3c.github.io/gpc/).
 */
export function asksForPrivacy(): unknown {
  return (navigator as { globalPrivacyControl?: unknown }).globalPrivacyControl || navigator.doNotTrack === '1';
}
