import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, safe in a URL, a header and a cookie. */
export function newSecretToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a token. Plain SHA-256 is enough: nobody can guess 256 random bits, so there is nothing to slow down. */
export function secretTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
