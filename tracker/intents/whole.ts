import answerCalls from '../asked/answer-calls.ts';
import startClicks from '../clicks/watch-clicks.ts';
import type { StartModules } from '../core.ts';
import startForms from '../forms/watch-forms.ts';
import startKeeping from '../keep/keep.ts';
import startMarks from '../marks/watch-marks.ts';
import startOverhearing from '../overhear/overhear.ts';
import startRoots from '../roots/watch-roots.ts';
import { startIntents } from './main.ts';

/** The module with all its parts in it, for owners who have everything in one file. */
const start: StartModules = (core) =>
  startIntents(core, {
    _marks: async () => ({ default: startMarks }),
    _roots: async () => ({ default: startRoots }),
    _forms: async () => ({ default: startForms }),
    _clicks: async () => ({ default: startClicks }),
    _overhear: async () => ({ default: startOverhearing }),
    _keep: async () => ({ default: startKeeping }),
    _calls: async () => ({ default: answerCalls }),
  });
export default start;
