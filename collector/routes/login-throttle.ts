import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../errors.ts';

const windowSeconds = 15 * 60;
/** Wrong passwords within a quarter of an hour. One person who mistypes, an account that many try, an address that tries many accounts. */
const failures = { accountAndAddress: 5, account: 20, address: 100 };

/** Slows down guessing. A try is counted before its password is hashed, so that a thousand at once cost no more than one after another. */
export interface LoginThrottle {
  /** Counts a try. Throws `too_many_requests` with the time to wait. */
  begin(account: string, address: string): Promise<void>;
  /** The password was right: the try does not count. */
  succeeded(account: string, address: string): Promise<void>;
}

export function createLoginThrottle(): LoginThrottle {
  const limiter = (points: number) => new RateLimiterMemory({ points, duration: windowSeconds });
  const pairs = limiter(failures.accountAndAddress);
  const accounts = limiter(failures.account);
  const addresses = limiter(failures.address);
  const pairOf = (account: string, address: string) => `${networkOf(address)} ${account}`;

  return {
    async begin(account, address) {
      // In this order: one address that is locked out cannot use up the tries of the account for everybody else.
      await consume(addresses, networkOf(address));
      await consume(pairs, pairOf(account, address));
      await consume(accounts, account);
    },
    async succeeded(account, address) {
      await pairs.delete(pairOf(account, address));
      await accounts.reward(account);
      await addresses.reward(networkOf(address));
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (rejection) {
    if (!(rejection instanceof RateLimiterRes)) throw rejection;
    const retryAfterSeconds = Math.max(1, Math.ceil(rejection.msBeforeNext / 1000));
    const minutes = Math.ceil(retryAfterSeconds / 60);
    throw new AppError('too_many_requests', {
      message: `Too many wrong passwords. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
      retryAfterSeconds,
    });
  }
}

/** An IPv6 customer has at least a /64, and could use a new address of it for every try. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed.toNormalizedString().split(':').slice(0, 4).join(':');
}
