import type { Core } from '../core.ts';
import type { Part } from '../intents/part.ts';
import { watchDeadClicks } from './dead-clicks.ts';
import { watchRageClicks } from './rage-clicks.ts';

/** Watches for clicks that tell of a page which does not do what its visitor expects. */
export default function watchClicks({ _send, _host }: Core): Part {
  const onRageClick = watchRageClicks(_send);
  const onDeadClick = watchDeadClicks(_send, _host);
  return {
    _onAct(act, path) {
      if (act.type !== 'click') return;
      onRageClick(act as MouseEvent, path);
      onDeadClick(act as MouseEvent, path);
    },
    _onClose() {},
    _forget() {},
  };
}
