import type { ErrorAnswer } from '../../collector/contract/answers.ts';
import { createRunningQuestions, toQueryId } from './running-questions.ts';

/** The questions under way: those that take long are shown, and can be cancelled. */
export const runningQuestions = createRunningQuestions();

/** An answer that was not 2xx, or no answer at all (`status` 0, code `offline`). `message` may be shown as it is. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: { path: string; message: string }[];
  readonly requestId: string | null;

  constructor(options: {
    status: number;
    code: string;
    message: string;
    details?: { path: string; message: string }[];
    requestId?: string | null;
  }) {
    super(options.message);
    this.name = 'ApiError';
    this.status = options.status;
    this.code = options.code;
    this.details = options.details ?? [];
    this.requestId = options.requestId ?? null;
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface RequestOptions {
  /** Sent as JSON; a file as it is, under its own type. */
  body?: unknown;
  signal?: AbortSignal;
}

/**
 * One call of the API: `path` is relative to `/api/v1`. Throws ApiError, or the abort's own error. A POST about a site that can
 * be aborted is a question: it gets an id, under which its progress can be followed.
 */
export async function request<Answer>(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
  const site = /^\/sites\/([^/]+)\//.exec(path)?.[1];
  if (method !== 'POST' || !options.signal || site === undefined) return send(method, path, options);
  const id = toQueryId(crypto.getRandomValues(new Uint8Array(16)));
  runningQuestions.add({ id, site, startedAt: Date.now() });
  try {
    return await send(method, path, options, { 'x-query-id': id });
  } finally {
    runningQuestions.remove(id);
  }
}

async function send<Answer>(
  method: Method,
  path: string,
  options: RequestOptions,
  headers: Record<string, string> = {},
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...headers,
        ...(options.body === undefined ? {} : { 'content-type': contentType(options.body) }),
      },
      ...(options.body === undefined
        ? {}
        : { body: options.body instanceof Blob ? options.body : JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError({
      status: 0,
      code: 'offline',
      message: 'The server does not answer. Check that Telltale is running and that you are online.',
    });
  }
  const text = await response.text();
  if (!response.ok) throw toApiError(response.status, text);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

function contentType(body: unknown): string {
  return body instanceof Blob ? body.type || 'application/octet-stream' : 'application/json';
}

/** Reads the error body; an answer that is not ours (a proxy's page) still gets a plain sentence. */
export function toApiError(status: number, text: string): ApiError {
  try {
    const { error, requestId } = JSON.parse(text) as ErrorAnswer;
    return new ApiError({
      status,
      code: error.code,
      message: error.message,
      ...(error.details ? { details: error.details } : {}),
      requestId,
    });
  } catch {
    return new ApiError({
      status,
      code: 'unexpected',
      message: `The server answered with status ${status}. Try again; if it stays, look at the server's log.`,
    });
  }
}

/** `?a=1&b=2` without the empty ones. */
export function queryString(values: Record<string, string | number | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
