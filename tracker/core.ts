import type { Draft, More, View } from './batch.ts';
import type { Props } from './calls.ts';
import type { Call, Message } from './messages.ts';
import type { State, Waiting } from './state.ts';
import type { TagSettings } from './tag-settings.ts';

/**
 * What the core hands to the modules. They are built together and share their private names, so neither works with one of another
 * version: the core asks for the modules by the hash of their text.
 */
export interface Core {
  _settings: TagSettings;
  /** Where Telltale answers. */
  _host: string;
  _state: State;
  /** The last calls of the page. */
  _calls: Call[];
  /** Sends an event of the page view that is open. Does nothing where the page may not be counted. */
  _send: (name: string, props?: Props, more?: More) => Draft | undefined;
  /** A page view begins. `url`: its address as far as it is told. */
  _openView: (url: string, props?: Props, more?: More, isCounted?: unknown) => void;
  /** The visitor turns away. `gone`: for good. */
  _closeView: (gone?: unknown) => void;
  /** Time and scroll of the view, up to date. */
  _totals: () => Props;
  /** Sends what waits. */
  _flush: () => unknown;
  _toBody: (view: View, batch: Waiting[]) => string;
  /** An act of the visitor that the page's own events do not tell. The core has none of it; the module of intents gives it to its parts. */
  _onAct?: (event: Event, path: EventTarget[]) => void;
  /** Does a call of `track` or `identify`. */
  _runCommon: (call: Message) => void;
}

/** Default export of the modules. Called once for each tracker on the page; answers who takes what the core has to tell. */
export type StartModules = (core: Core) => (message: Message) => void;
