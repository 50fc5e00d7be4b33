import type { WebhookEvent } from '../contract/names.ts';
import type { EndpointPatch, TemplateProblem, WebhookMessage } from '../contract/webhooks.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { type EndpointRow, noteTest } from '../state/endpoints.ts';
import type { AttemptDependencies } from '../webhooks/attempt.ts';
import { refuseBlockedUrl } from '../webhooks/guarded-request.ts';
import { tryOut } from '../webhooks/send-test.ts';
import type { PayloadTemplates } from '../webhooks/template.ts';

/** The message types that a template of an endpoint must render: what it gets, and a test. */
export function typesToCheck(events: readonly WebhookEvent[]): WebhookEvent[] {
  return [
    ...(events.length === 0 ? (['abandonment.created', 'abandonment.recovered'] as const) : events),
    'webhook.test',
  ];
}

/** Throws `invalid_request` with every place of the template that would keep it from rendering JSON. */
export function refuseBadTemplate(
  templates: PayloadTemplates,
  { template, events }: { template: string | null; events: readonly WebhookEvent[] },
): void {
  if (template === null) return;
  const problems = templates.check(template, typesToCheck(events));
  if (problems.length > 0) {
    throw new AppError('invalid_request', {
      message: 'The template would not render JSON. See details.',
      details: problems.map(toDetail),
    });
  }
}

function toDetail({ message, line, column }: TemplateProblem): ErrorDetail {
  return { path: 'template', message, ...(line === null || column === null ? {} : { line, column }) };
}

/** Whether a change is about what a test would show. */
export function changesRequest(before: EndpointRow, patch: EndpointPatch): boolean {
  return (
    (patch.url !== undefined && patch.url !== before.url) ||
    patch.headers !== undefined ||
    (patch.template !== undefined && patch.template !== before.template) ||
    (patch.enabled === true && before.enabled === 0)
  );
}

type TestDependencies = Pick<AttemptDependencies, 'state' | 'guard' | 'templates' | 'now' | 'deadlineMs'>;

/**
 * The checks of an endpoint before it is stored: its address, and one test message. Throws `blocked_address` and `endpoint_failed`.
 * Answers when the test was, null where none was asked for.
 */
export async function refuseUnlessItWorks(
  deps: TestDependencies,
  { row, message, isTested }: { row: EndpointRow; message: WebhookMessage<unknown>; isTested: boolean },
): Promise<string | null> {
  await refuseBlockedUrl(row.url, { guard: deps.guard });
  if (!isTested || row.enabled === 0) return null;
  const at = new Date(deps.now()).toISOString();
  const { error } = await tryOut(deps, { endpoint: row, message });
  if (error === null) return at;
  throw new AppError('endpoint_failed', {
    details: [
      {
        path: 'url',
        message: `${error} Repair the receiver and save again, or save the endpoint switched off and test it later.`,
      },
    ],
  });
}

/** Notes that the test before saving was passed. */
export async function notePassedTest(
  { state }: Pick<AttemptDependencies, 'state'>,
  { id, at }: { id: string; at: string | null },
): Promise<void> {
  if (at !== null) await noteTest(state.db, { id, at, error: null });
}
