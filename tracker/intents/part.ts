import type { Core } from '../core.ts';
import { safely } from '../safely.ts';

/** What is told to a part of the module: an event, or as much of one as is looked at. */
export interface Act {
  type: string;
  timeStamp?: number;
  isTrusted?: boolean;
  key?: string;
}

/** A part of the module in a file of its own, for the pages that have something for it. */
export interface Part {
  /** Hears what the visitor does; the type `scripted` is a form that a script sends. */
  _onAct: (act: Act, path: Element[]) => void;
  /** The visitor turns away, or the page view ends. */
  _onClose: () => void;
  /** Another page view begins. */
  _forget: () => void;
}

export type StartPart = (core: Core) => Part;
export type LoadPart = () => Promise<{ default: StartPart }>;

/** An app has drawn its page within this time after the address changed. */
export const drawMs = 300;

/**
 * Loads a part as soon as the page has one of the elements it is for, or the visitor touches one, and hands it what was done meanwhile.
 * `isFor`: for which nodes on the way of an event, where that is not said by the elements alone.
 */
export function bringPart(
  core: Core,
  load: LoadPart,
  wanted: string,
  isFor = (element: Element): unknown => element.matches?.(wanted),
): Part {
  let part: Part | undefined;
  let early: [Act, Element[]][] | undefined;
  const ask = (isThere: unknown) => {
    if (early || !isThere) return;
    const missed: [Act, Element[]][] = [];
    early = missed;
    load().then(
      ({ default: start }) => {
        part = start(core);
        for (const act of missed) safely(part._onAct)(...act);
      },
      // Blocked, or not there: the page goes without.
      () => {},
    );
  };
  const look = () => ask(document.querySelector(wanted));
  look();
  return {
    _onAct(act, path) {
      ask(path.some(isFor));
      if (part) part._onAct(act, path);
      else early?.push([act, path]);
    },
    _onClose: () => part?._onClose(),
    _forget() {
      part?._forget();
      setTimeout(look, drawMs);
    },
  };
}
