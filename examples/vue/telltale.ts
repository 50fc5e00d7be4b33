import { init, type Settings, type Telltale, telltale } from 'telltale/tracker';

/** The part of a Vue app that this needs, so that it fits every version 3. */
interface App {
  config: { globalProperties: object };
}

/** `app.use(telltalePlugin, { site: 'SITE', host: 'https://YOUR-HOST' })`; in templates it is then `$telltale('track', …)`. */
export const telltalePlugin = {
  install(app: App, settings: Settings): void {
    Object.assign(app.config.globalProperties, { $telltale: telltale satisfies Telltale });
    init(settings);
  },
};
