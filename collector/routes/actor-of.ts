import type { Principal } from './env.ts';

/** Who does something to a lead, as its history keeps it. */
export function actorOf(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return `user:${principal.userId}`;
    case 'key':
      return `key:${principal.keyId}`;
    case 'local':
      return 'system';
  }
}
