import type { More } from './batch.ts';
import type { Props } from './calls.ts';
import type { TagSettings } from './tag-settings.ts';

/**
 * What the core hands to the module of intents. The two are built together and share their private names, so neither works with one of
 * another version: the core asks for the module by the hash of its text.
 */
export interface Core {
  _settings: TagSettings;
  /** Sends an event of the page view that is open. Does nothing where the page may not be counted. */
  _send: (name: string, props?: Props, more?: More) => unknown;
  /** Whether the visitor agreed; undefined: nothing was said yet. Ask each time. */
  _consent: () => 'granted' | 'denied' | undefined;
}

/** What the module of intents does once it is there. */
export interface Intents {
  /**
   * Hears every act of the visitor (see `acts`), those first that happened while the module was on its way. `path` is the event's
   * path as it was at the time: `event.composedPath()` is empty by then.
   */
  _onAct: (event: Event, path: EventTarget[]) => void;
  /**
   * The page view ends or the visitor turns away, perhaps to come back: the last moment to send, and what is sent here leaves together
   * with the engagement of the view.
   */
  _onClose: () => void;
}

/** Default export of the module. Called once for each tracker on the page. */
export type StartIntents = (core: Core) => Intents;

export type LoadIntents = () => Promise<{ default: StartIntents }>;
