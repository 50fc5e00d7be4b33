import { safely } from './safely.ts';

/**
 * Runs `step` with the object after each call of one of the page's methods. The page gets what the method returns or throws.
 *
 * TRICKY: defined on the object itself, because assigning fails where the page froze the prototype. Where that fails too, the page
 * keeps its method and we go without.
 */
export function wrapMethod<Name extends string, Owner extends Record<Name, (...args: never[]) => unknown>>(
  owner: Owner,
  name: Name,
  step: (self: Owner) => void,
): void {
  const original = owner[name];
  safely(() => {
    Object.defineProperty(owner, name, {
      configurable: true,
      writable: true,
      value(this: Owner, ...args: never[]) {
        const result = original.apply(this, args);
        step(this);
        return result;
      },
    });
  })();
}
