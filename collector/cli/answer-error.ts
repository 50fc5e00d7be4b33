import type { ErrorAnswer } from '../contract/answers.ts';

/** What a server that is running said no with, as it is told to somebody at a terminal. */
export async function toError(response: Response, site: string): Promise<Error> {
  const answer = (await response.json().catch(() => null)) as ErrorAnswer | null;
  if (answer?.error.code === 'unknown_site') return unknownSite(site);
  if (!answer) return new Error(`The server answered with status ${response.status}.`);
  const { message, details } = answer.error;
  return Object.assign(new Error(message), details ? { details } : {});
}

export function unknownSite(site: string): Error {
  return new Error(`There is no site "${site}". List the sites with: telltale site list`);
}
