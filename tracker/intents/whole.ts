import startClicks from '../clicks/watch-clicks.ts';
import type { StartIntents } from '../core.ts';
import startForms from '../forms/watch-forms.ts';
import startMarks from '../marks/watch-marks.ts';
import startOverhearing from '../overhear/overhear.ts';
import { startIntents } from './main.ts';

/** The module with all its parts in it, for owners who have everything in one file. */
const start: StartIntents = (core) =>
  startIntents(core, {
    _marks: async () => ({ default: startMarks }),
    _forms: async () => ({ default: startForms }),
    _clicks: async () => ({ default: startClicks }),
    _overhear: async () => ({ default: startOverhearing }),
  });
export default start;
