import type { Core, Intents } from '../core.ts';
import { listen } from '../listen.ts';
import { isIgnored } from '../marked.ts';
import { safely } from '../safely.ts';
import { wrapMethod } from '../wrap-method.ts';
import { onLinkClick } from './links.ts';
import { watchNotFound } from './not-found.ts';
import { bringPart, type LoadPart, type Part } from './part.ts';
import { watchRoots } from './roots.ts';
import type { Tell } from './tell.ts';

export interface Parts {
  _marks: LoadPart;
  _forms: LoadPart;
  _clicks: LoadPart;
  _overhear: LoadPart;
}

/**
 * The module of intents: what visitors are about to do, seen from how they use links. What they do in forms and with buttons it hands to
 * parts that are loaded where there are such.
 */
export function startIntents(core: Core, { _marks, _forms, _clicks, _overhear }: Parts): Intents {
  const { events } = core._settings;
  const isOn = (kind: string) => events == null || events.includes(kind);
  const tell: Tell = (kind, name, props) => {
    if (isOn(kind)) core._send(name, props);
  };
  const parts: Part[] = [bringPart(core, _marks, '[data-tt-event]')];
  if (isOn('forms')) parts.push(bringPart(core, _forms, 'input,select,textarea,form'));
  if (isOn('clicks')) parts.push(bringPart(core, _clicks, 'button,[role=button],[type=submit],[type=button]'));
  if (events?.includes('dataLayer')) bringPart(core, _overhear, '*');

  const onAct: Intents['_onAct'] = (event, targets) => {
    const path = targets as Element[];
    lookIntoShadows(path);
    if (isIgnored(path)) return;
    for (const part of parts) part._onAct(event, path);
    const { type, button } = event as MouseEvent;
    // 2 is the right button.
    if (/click/.test(type) && button < 2) onLinkClick(path, tell);
  };
  const lookIntoShadows = watchRoots(onAct);
  /*
   * TRICKY: `form.submit()` fires no `submit` event (https://developer.mozilla.org/docs/Web/API/HTMLFormElement/submit). Invisible
   * captchas end with it, and without this each of their forms would be sent and yet count as abandoned.
   */
  wrapMethod(
    HTMLFormElement.prototype,
    'submit',
    safely((form) => {
      if (!form.closest('[data-tt-ignore]')) for (const part of parts) part._onAct({ type: 'scripted' }, [form]);
    }),
  );
  const onAddressLeft = watchNotFound(tell);

  let address = location.href;
  const forget = () => {
    for (const part of parts) part._forget();
  };
  listen('pagehide', forget);
  return {
    _onAct: onAct,
    _onClose() {
      for (const part of parts) part._onClose();
      if (address === location.href) return;
      address = location.href;
      forget();
      onAddressLeft();
    },
  };
}
