import type { Core } from './core.ts';
import { safely } from './safely.ts';
import { storedNameOf } from './stored-name.ts';

/** Becomes somebody else, or nobody. Nothing of the one before is left behind. */
export const renameVisitor = (core: Core, id: string | undefined): void => {
  const name = storedNameOf(core._settings.site);
  core._state._visitor = id;
  safely(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(name)) localStorage.removeItem(key);
    if (id) localStorage.setItem(name, id);
  })();
};
