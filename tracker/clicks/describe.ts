import { buttons } from '../forms/which-form.ts';

/** The element that was clicked, as a selector: `button#send`. Texts are left out: they may say what a visitor typed. */
export function describe(path: Element[]): string {
  const element = path.find((one) => one.matches?.(`${buttons},a`)) || (path[0] as Element);
  return element.localName + (element.id && `#${element.id}`);
}
