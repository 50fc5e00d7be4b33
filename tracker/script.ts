import type { StartIntents } from './core.ts';
import { safely } from './safely.ts';
import { startTag } from './start-tag.ts';
import type { TagSettings } from './tag-settings.ts';

/** The argument of the function that the build puts around the script: what the server knows of the site. */
declare const served: Partial<TagSettings>;
/** Name of the module of intents among the assets: a hash of its text, put in by the build. */
declare const INTENTS_ASSET: string;
/** `import`, put in by the build: TypeScript would wrap it to rewrite addresses that end in `.ts`. */
declare const IMPORT: (address: string) => Promise<{ default: StartIntents }>;

safely(() =>
  startTag(
    served,
    (host) => IMPORT(`${host}/t/v/${INTENTS_ASSET}.js`),
    (address) => IMPORT(address),
  ),
)();
