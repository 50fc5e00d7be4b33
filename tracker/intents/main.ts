import type { Core, Intents } from '../core.ts';
import { watchForms } from './forms.ts';

/** The module of intents: what visitors are about to do, seen from how they use links and forms. */
export default function startIntents({ _send }: Core): Intents {
  const forms = watchForms(_send);
  return {
    _onAct(event, path) {
      if (event.type === 'input') forms._onInput(path);
      if (event.type === 'submit') forms._onSubmit(path);
    },
    _onClose: forms._onClose,
  };
}
