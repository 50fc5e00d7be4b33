import { limits } from '../collector/contract/limits.ts';
import { toBody } from './batch.ts';
import { cleanProps } from './clean-props.ts';
import type { StartModules } from './core.ts';
import { flush, send } from './delivery.ts';
import { type Call, type Message, tell, tellTo } from './messages.ts';
import { calls } from './page-function.ts';
import { safely } from './safely.ts';
import { host, settings } from './settings.ts';
import { state } from './state.ts';
import { closeView, openView, totals } from './view.ts';

/** Name of the modules among the assets: a hash of their text, put in by the build. */
declare const INTENTS_ASSET: string;

/** Put in by the build: whether it has the modules in it. */
declare const WHOLE: boolean;
/** `import`, put in by the build: TypeScript would wrap it to rewrite addresses that end in `.ts`. */
declare const IMPORT: (address: string) => Promise<{ default: StartModules }>;

/** Links, fields outside of forms too, and buttons. */
export const interesting = 'a,button,input';

let bring: () => Promise<{ default: StartModules }> = WHOLE
  ? (undefined as never)
  : () => IMPORT(`${host}/t/v/${INTENTS_ASSET}.js`);

/** For builds that have the modules in them. */
export const bringFrom = (given: typeof bring): void => {
  bring = given;
};

let asked: unknown;
/** Whether something was called after which the next event may be another one, or none: later calls wait behind it. */
let isBehind: unknown;

/** What the core does itself, because a page is often left right after it. Wrong calls are ignored. */
const runCommon = safely(([call, first, props]: Message) => {
  if (call === 'identify') send(call, undefined, { identity: cleanProps(first) });
  else send((first as string).slice(0, limits.propValueLength), (props && cleanProps(props)) as undefined);
}) as (message: Message) => void;

/**
 * Loads the modules where there is something for them. Once. Answers whether they are there or on their way. Where they are blocked the
 * page goes without.
 */
export const look = (found: unknown, isCounted: unknown = state._view): unknown =>
  (asked ||=
    found &&
    isCounted &&
    bring()
      .then((module) =>
        module.default({
          _settings: settings,
          _host: host,
          _state: state,
          _send: send,
          _openView: openView,
          _closeView: closeView,
          _totals: totals,
          _flush: flush,
          _toBody: toBody,
          _runCommon: runCommon,
          _calls: calls,
        }),
      )
      .catch(() => runCommon)
      .then(tellTo));

/**
 * Does what the page asks for. `track` and `identify` at once, unless a new view, a new visitor or no consent was asked for before, for which
 * the modules are needed. By parts of the names that no other call has.
 */
export const run = safely((call: Call) => {
  if (/ck|id/.test(call[0]) && !isBehind) runCommon(call);
  else {
    look(1, 1);
    tell(call);
    isBehind ||= call[1] !== true;
  }
});
