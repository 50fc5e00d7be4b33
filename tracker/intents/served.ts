import type { StartIntents } from '../core.ts';
import { startIntents } from './main.ts';
import type { StartPart } from './part.ts';

/** Names of the parts among the assets, put in by the build. */
declare const MARKS_ASSET: string;
declare const FORMS_ASSET: string;
declare const CLICKS_ASSET: string;
declare const OVERHEAR_ASSET: string;
/** `import`, put in by the build. */
declare const IMPORT: (address: string) => Promise<{ default: StartPart }>;

/** The module as the script of the tag loads it: its parts lie beside it. */
const start: StartIntents = (core) =>
  startIntents(core, {
    _marks: () => IMPORT(`./${MARKS_ASSET}.js`),
    _forms: () => IMPORT(`./${FORMS_ASSET}.js`),
    _clicks: () => IMPORT(`./${CLICKS_ASSET}.js`),
    _overhear: () => IMPORT(`./${OVERHEAR_ASSET}.js`),
  });
export default start;
