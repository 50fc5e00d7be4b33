import { safely } from './safely.ts';

/**
 * Runs `step` with the object and the arguments after each call of one of the page's methods. The page gets what the method returns or throws, whatever
 * we do. Where it froze the method it keeps it, and we go without.
 */
export function wrapMethod<Name extends string, Owner extends Record<Name, (...args: never[]) => unknown>>(
  owner: Owner,
  name: Name,
  step: (self: Owner, args: Parameters<Owner[Name]>) => void,
): void {
  const original = owner[name];
  safely(() => {
    owner[name] = function (this: Owner, ...args: never[]) {
      const result = original.apply(this, args);
      step(this, args as Parameters<Owner[Name]>);
      return result;
    } as Owner[Name];
  })();
}
