/**
 * The script element we run from.
 *
 * TRICKY: `document.currentScript` is null in modules and where a loader runs scripts itself, such as Cloudflare's Rocket Loader
 * (https://github.com/divolte/divolte-collector/issues/179). Then it is the first script with an address like ours.
 */
export function findTag(): HTMLScriptElement | null {
  return (document.currentScript as HTMLScriptElement | null) ?? document.querySelector('script[src*="/t/"]');
}
