import { tellable } from '../address.ts';
import type { PageView } from '../calls.ts';
import { cleanProps } from '../clean-props.ts';
import type { Core } from '../core.ts';
import type { Call, Message } from '../messages.ts';
import { randomId } from '../random-id.ts';
import { renameVisitor } from '../rename-visitor.ts';
import { printCalls } from './print-calls.ts';

/** Does what the page asks for, where that is more than to send an event. Wrong calls are ignored, and told by `debug`. */
export default function answerCalls(core: Core): (call: Message) => void {
  const { _state: state, _settings: settings } = core;

  const commands: Record<string, (given: never) => void> = {
    debug: () => printCalls(core),
    page({ url = location.href, title, props }: PageView = {}) {
      const address = new URL(url, location.href);
      const clean = props && cleanProps(props);
      core._closeView(true);
      core._openView(tellable(address) + (settings.hash == null ? '' : address.hash), clean, { title }, true);
    },
    consent(given: boolean) {
      // Where nothing is counted nothing is kept.
      if (given !== !!given || (given && !state._view)) return;
      const isNew = settings.consent && (!given || state._consent === 'denied');
      state._consent = given ? 'granted' : 'denied';
      if (!given) renameVisitor(core, undefined);
      else if (!state._visitor && settings.cookieless == null) renameVisitor(core, randomId());
      if (isNew && state._view) {
        state._queue = [];
        core._openView(state._view.url, undefined, undefined, settings.auto !== 'false');
      }
      core._flush();
    },
    reset() {
      state._queue = [];
      if (state._visitor) renameVisitor(core, randomId());
    },
  };

  return (call) => {
    const [name, given] = call as Call;
    const command = commands[name];
    if (command) command(given as never);
    else if (name === 'track' || name === 'identify') core._runCommon(call);
  };
}
