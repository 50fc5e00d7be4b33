import type { ContentfulStatusCode } from 'hono/utils/http-status';

/**
 * Every error a client can get: its HTTP status and its public text. The text says what is wrong and what to do;
 * cause and stack go to the log, never to the client.
 */
export const errorCatalogue = {
  invalid_request: [400, 'The request is not valid. See details.'],
  invalid_json: [400, 'The body is not valid JSON.'],
  too_deep: [400, 'The JSON body is nested too deeply.'],
  unauthorized: [401, 'Sign in, or send an API key as "Authorization: Bearer KEY".'],
  wrong_credentials: [401, 'E-mail address or password is wrong.'],
  forbidden: [403, 'This key or account may not do that.'],
  cross_site: [403, 'This request came from another site and was refused.'],
  not_found: [404, 'There is nothing at this address.'],
  unknown_site: [404, 'There is no such site.'],
  conflict: [409, 'This would clash with something that exists.'],
  cancelled: [409, 'This question was cancelled.'],
  too_large: [413, 'The body is larger than allowed.'],
  unsupported_media_type: [415, 'Send the body as application/json.'],
  limit_reached: [422, 'A limit of this installation is reached.'],
  endpoint_failed: [422, 'The endpoint did not pass its test, so nothing was saved. See details.'],
  blocked_address: [422, 'This address is private or reserved, and webhooks must not reach it.'],
  backup_failed: [422, 'The backup could not be made.'],
  query_too_heavy: [422, 'This question takes too long. Choose a shorter range or fewer steps.'],
  too_many_requests: [429, 'Too many requests. Try again later.'],
  internal: [500, 'Something went wrong on our side. The request id finds it in the log.'],
  database_unavailable: [
    503,
    'The event database does not answer. Events are kept and will be written when it is back.',
  ],
  spool_full: [503, 'The disk is nearly full, so new events are not accepted until there is space.'],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;
export type ErrorCode = keyof typeof errorCatalogue;

export interface ErrorDetail {
  /** Where: a path into the body such as `steps.0.match`, a parameter, a setting. */
  path: string;
  message: string;
  /** Inside a text of several lines, such as a template; both from 1. */
  line?: number;
  column?: number;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: ContentfulStatusCode;
  readonly details: ErrorDetail[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    options: { message?: string; details?: ErrorDetail[]; cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    const [status, publicMessage] = errorCatalogue[code];
    super(options.message ?? publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = status;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
