import type { Core } from '../core.ts';
import { listen } from '../listen.ts';
import { isIgnored } from '../marked.ts';
import type { Call, Message } from '../messages.ts';
import { safely } from '../safely.ts';
import { isOn, tellFor } from '../tell.ts';
import { onLinkClick } from './links.ts';
import { bringPart, type LoadPart, type Part } from './part.ts';

/** Acts among what the core hands over. */
const handedOver = /^(click|input)/;
const others = 'submit auxclick keydown focusin focusout invalid';

/** So many requests are remembered, for `telltale('debug')`. */
const mostHits = 20;

export type Parts = Record<'_marks' | '_roots' | '_forms' | '_clicks' | '_overhear' | '_keep', LoadPart> & {
  _calls: () => Promise<{ default: (core: Core) => (call: Message) => void }>;
};

/**
 * The module of intents: hears what visitors do and what the page asks for. What they do with links it tells itself, all else it hands to
 * parts that are loaded where there is something for them.
 */
export function startIntents(core: Core, load: Parts): (message: Message) => void {
  const { _settings: settings, _state: state } = core;
  const [loaded] = performance.getEntriesByType('navigation') as { responseStatus?: number }[];
  const isLost = loaded?.responseStatus === 404;
  const parts: Part[] = [bringPart(core, load._marks, isLost ? '*' : '[data-tt-event],[data-tt-not-found]')];
  if (isOn(core, 'forms')) parts.push(bringPart(core, load._forms, 'input,select,textarea,form'));
  if (isOn(core, 'clicks'))
    parts.push(bringPart(core, load._clicks, 'button,[role=button],[type=submit],[type=button]'));
  if (settings.events?.includes('dataLayer')) bringPart(core, load._overhear, '*');

  const tell = tellFor(core);
  const onAct = (event: Event, targets: EventTarget[]) => {
    const path = targets as Element[];
    roots._onAct(event, path);
    if (isIgnored(path)) return;
    for (const part of parts) part._onAct(event, path);
    const { type, button } = event as MouseEvent;
    // 2 is the right button.
    if (/click/.test(type) && button < 2) onLinkClick(path, tell);
  };
  // 11 is a shadow tree.
  const roots = bringPart({ ...core, _onAct: onAct }, load._roots, 'iframe', ({ nodeType }) => nodeType === 11);
  listen(others, (event) => onAct(event, event.composedPath()));
  hearScriptedSubmits(parts);

  let address = location.href;
  const forget = () => {
    for (const part of parts) part._forget();
  };
  const close = () => {
    for (const part of parts) part._onClose();
    if (address !== location.href) forget();
    address = location.href;
  };

  let isSafe = false;
  const keepSafe = (isNeeded: unknown) => {
    if (isSafe || !isNeeded) return;
    isSafe = true;
    parts.push(bringPart(core, load._keep, '*'));
  };
  keepSafe(state._visitor || 'fetchLater' in window);
  const waiting: Message[] = [];
  let isAsked = false;
  let answer: (call: Message) => void = (call) => waiting.push(call);
  const answerCall = (call: Message) => {
    answer(call);
    if (!isAsked)
      load
        ._calls()
        .then((asked) => asked.default(core))
        .catch(() => core._runCommon)
        .then((take) => {
          answer = safely(take);
          waiting.forEach(answer);
        });
    isAsked = true;
    // An id may be kept from now on.
    keepSafe(1);
  };

  return safely((message: Message) => {
    state._hits.splice(mostHits);
    const [first, second] = message;
    if (!first) close();
    else if (typeof first !== 'object') answerCall(message as Call);
    else if (first.type === 'pagehide') forget();
    else if (handedOver.test(first.type)) onAct(first, second as EventTarget[]);
  });
}

/**
 * TRICKY: `form.submit()` fires no `submit` event (https://developer.mozilla.org/docs/Web/API/HTMLFormElement/submit). Invisible captchas
 * end with it, and without this each of their forms would be sent and yet count as abandoned.
 */
function hearScriptedSubmits(parts: Part[]): void {
  const { submit } = HTMLFormElement.prototype;
  safely(() => {
    HTMLFormElement.prototype.submit = function () {
      submit.call(this);
      safely(() => {
        if (!this.closest('[data-tt-ignore]')) for (const part of parts) part._onAct({ type: 'scripted' }, [this]);
      })();
    };
  })();
}
