import type { StartModules } from '../core.ts';
import { type Parts, startIntents } from './main.ts';

/** Names of the parts among the assets, put in by the build. */
declare const MARKS_ASSET: string;
declare const ROOTS_ASSET: string;
declare const FORMS_ASSET: string;
declare const CLICKS_ASSET: string;
declare const OVERHEAR_ASSET: string;
declare const KEEP_ASSET: string;
declare const ASKED_ASSET: string;
/** `import`, put in by the build. */
declare const IMPORT: <Part>(address: string) => Promise<Part>;

/** The module as the script of the tag loads it: its parts lie beside it. */
const parts: Parts = {
  _marks: () => IMPORT(`./${MARKS_ASSET}.js`),
  _roots: () => IMPORT(`./${ROOTS_ASSET}.js`),
  _forms: () => IMPORT(`./${FORMS_ASSET}.js`),
  _clicks: () => IMPORT(`./${CLICKS_ASSET}.js`),
  _overhear: () => IMPORT(`./${OVERHEAR_ASSET}.js`),
  _keep: () => IMPORT(`./${KEEP_ASSET}.js`),
  _calls: () => IMPORT(`./${ASKED_ASSET}.js`),
};

const start: StartModules = (core) => startIntents(core, parts);
export default start;
