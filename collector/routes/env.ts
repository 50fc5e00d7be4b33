import type { KeyScope, UserRole } from '../contract/names.ts';
import type { SiteRecord } from '../state/sites.ts';

/** Who is asking: a signed-in user, an API key, or the command line on the same machine. */
export type Principal =
  | { kind: 'user'; userId: string; email: string; role: UserRole }
  | { kind: 'key'; keyId: string; scope: KeyScope; siteId: number | null }
  | { kind: 'local' };

/** What middleware leaves for the handlers. */
export interface Env {
  Variables: {
    requestId: string;
    principal: Principal;
    /** Set under `/api/v1/sites/:site`. */
    site: SiteRecord;
  };
}
