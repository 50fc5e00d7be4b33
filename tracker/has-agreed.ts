import type { State } from './state.ts';

/** Whether the visitor agreed, on this page or one before: an id is only stored after that. */
export const hasAgreed = (state: State): unknown => state._visitor || state._consent === 'granted';
