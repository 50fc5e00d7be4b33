import type { AutoEvent, Props } from './calls.ts';
import type { Core } from './core.ts';

/** Sends an event, unless the owner switched its kind off. */
export type Tell = (kind: AutoEvent, name: string, props?: Props) => void;

/** Whether the owner wants events of this kind. */
export const isOn = ({ _settings: { events } }: Core, kind: AutoEvent): boolean =>
  events == null || events.includes(kind);

export const tellFor =
  (core: Core): Tell =>
  (kind, name, props) => {
    if (isOn(core, kind)) core._send(name, props);
  };
