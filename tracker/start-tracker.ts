import { bringIntents } from './bring-intents.ts';
import type { LoadIntents } from './core.ts';
import { livePage } from './page-life.ts';
import { applySettings } from './settings.ts';
import type { TagSettings } from './tag-settings.ts';
import { recallVisitor } from './who.ts';
import { obeyAddress } from './why-silent.ts';

/** Wires one site's tracker to the page. */
export function startTracker(settings: TagSettings, loadIntents: LoadIntents): void {
  applySettings(settings);
  obeyAddress();
  recallVisitor();
  livePage();
  bringIntents(loadIntents);
}
