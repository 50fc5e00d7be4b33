/** What a page wants to do, and its policy may forbid. */
export interface PolicyQuestion {
  /** `script-src` also answers for `script-src-elem`. */
  directive: 'script-src' | 'connect-src';
  /** The address that is loaded or sent to. */
  target: URL;
  /** The page, which `'self'` means. */
  page: URL;
  /** Of the script's tag. */
  nonce?: string | undefined;
}

/** Which directive decides, first that is there: https://www.w3.org/TR/CSP3/#directive-fallback-list */
const fallbacks: Record<PolicyQuestion['directive'], readonly string[]> = {
  'script-src': ['script-src-elem', 'script-src', 'default-src'],
  'connect-src': ['connect-src', 'default-src'],
};

/**
 * Whether every policy of a page lets this happen (Content Security Policy Level 3). `policies` are values of the header and of
 * `meta` elements; several apart by commas are several policies.
 */
export function policiesAllow(policies: readonly string[], question: PolicyQuestion): boolean {
  return policies.flatMap((text) => text.split(',')).every((policy) => allows(policy, question));
}

function allows(policy: string, question: PolicyQuestion): boolean {
  const directives = parse(policy);
  const sandbox = directives.get('sandbox');
  if (question.directive === 'script-src' && sandbox && !sandbox.includes('allow-scripts')) return false;
  const deciding = fallbacks[question.directive].find((name) => directives.has(name));
  const sources = deciding === undefined ? undefined : directives.get(deciding);
  if (!sources) return true;
  if (question.directive === 'script-src') {
    if (question.nonce && sources.includes(`'nonce-${question.nonce}'`)) return true;
    // With it the addresses in the list mean nothing any more.
    if (sources.some((source) => source.toLowerCase() === "'strict-dynamic'")) return false;
  }
  return sources.some((source) => matchesSource(source, question));
}

function parse(policy: string): Map<string, string[]> {
  const directives = new Map<string, string[]>();
  for (const part of policy.split(';')) {
    const [name = '', ...values] = part.trim().split(/\s+/);
    // The first of two counts.
    if (name !== '' && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), values);
  }
  return directives;
}

const securer: Record<string, string> = { 'http:': 'https:', 'ws:': 'wss:' };

function isSchemeOr(written: string, actual: string): boolean {
  return written === actual || securer[written] === actual;
}

function matchesSource(source: string, { target, page }: PolicyQuestion): boolean {
  if (source.toLowerCase() === "'self'") {
    return target.origin === page.origin || (target.host === page.host && isSchemeOr(page.protocol, target.protocol));
  }
  if (source === '*') return target.protocol === 'https:' || isSchemeOr(page.protocol, target.protocol);
  if (/^[a-z][a-z0-9+.-]*:$/i.test(source)) return isSchemeOr(source.toLowerCase(), target.protocol);
  const [, scheme, host = '', port, path = ''] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[a-z0-9.-]+)(?::(\d+|\*))?(\/[^?#]*)?$/i.exec(source) ?? [];
  if (host === '') return false;
  if (!isSchemeOr(scheme ? `${scheme.toLowerCase()}:` : page.protocol, target.protocol)) return false;
  return isHost(host.toLowerCase(), target.hostname) && isPort(port, target) && isPath(path, target.pathname);
}

function isHost(written: string, actual: string): boolean {
  if (written === '*') return true;
  return written.startsWith('*.') ? actual.endsWith(written.slice(1)) : actual === written;
}

function isPort(written: string | undefined, { port, protocol }: URL): boolean {
  if (written === '*') return true;
  const usual = protocol === 'https:' ? '443' : '80';
  const actual = port || usual;
  if (written === undefined) return actual === usual;
  // Whoever allows port 80 allows the secure one too.
  return actual === written || (written === '80' && actual === '443');
}

/** A path that ends with a slash means everything below it, every other one itself. */
function isPath(written: string, actual: string): boolean {
  if (written === '') return true;
  return written.endsWith('/') ? actual.startsWith(written) : actual === written;
}
