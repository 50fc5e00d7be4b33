import type { Principal } from './env.ts';

/** What a request needs: `account` is one's own login, `manage` is users, keys and which sites there are. */
export type Access = 'ingest' | 'read' | 'write' | 'manage' | 'account';

/** Questions are POSTs, because they do not fit into an address. */
const questions =
  /^\/sites\/[^/]+\/(overview|breakdown|paths|paths\/people|goals\/report|leaks|funnel|funnel\/people|funnel\/next|funnel\/why|funnel\/suggestions|rules\/backtest|rules\/check|house\/scoring\/preview|endpoints\/preview)$/;

/**
 * The access a request to `/api/v1` needs, by method and path behind `/api/v1`. Anything that is not known to be a question
 * needs `write`, so a new route is closed to readers until it is listed here.
 */
export function requiredAccess(method: string, path: string): Access {
  if (path === '/me' || path === '/me/password' || path === '/logout') return 'account';
  if (/^\/(users|keys|backup|deleted-sites)(\/|$)/.test(path)) return 'manage';
  if (method === 'GET' || method === 'HEAD') return 'read';
  if (method === 'POST' && /^\/sites\/[^/]+\/events$/.test(path)) return 'ingest';
  if (method === 'POST' && questions.test(path)) return 'read';
  if (method === 'DELETE' && /^\/sites\/[^/]+\/progress\/[^/]+$/.test(path)) return 'read';
  if (method === 'POST' && path === '/sites') return 'manage';
  if (method === 'DELETE' && /^\/sites\/[^/]+$/.test(path)) return 'manage';
  return 'write';
}

/** What each role and scope may do. A key never has an account. */
const granted: Record<'owner' | 'editor' | 'viewer' | 'admin' | 'read' | 'ingest', readonly Access[]> = {
  owner: ['ingest', 'read', 'write', 'manage', 'account'],
  editor: ['ingest', 'read', 'write', 'account'],
  viewer: ['read', 'account'],
  admin: ['ingest', 'read', 'write', 'manage'],
  read: ['read'],
  ingest: ['ingest'],
};

/** Whether this principal may do that. A key for one site manages nothing: users, keys and sites belong to the whole installation. */
export function allows(principal: Principal, access: Access): boolean {
  switch (principal.kind) {
    case 'local':
      return access !== 'account';
    case 'user':
      return granted[principal.role].includes(access);
    case 'key':
      return granted[principal.scope].includes(access) && (access !== 'manage' || principal.siteId === null);
  }
}
