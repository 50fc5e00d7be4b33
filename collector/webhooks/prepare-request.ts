import type { TemplateProblem, WebhookMessage } from '../contract/webhooks.ts';
import { type EndpointRow, ownHeaders, signingSecrets } from '../state/endpoints.ts';
import type { SecretBox } from '../state/secret-box.ts';
import { signedHeaders } from './signature.ts';
import type { PayloadTemplates } from './template.ts';

/** What an endpoint gets for a message: the message itself, or what the endpoint's template makes of it. */
export function bodyFor(
  templates: PayloadTemplates,
  { endpoint, message }: { endpoint: Pick<EndpointRow, 'template'>; message: string },
): { body: string } | { problem: TemplateProblem } {
  if (endpoint.template === null) return { body: message };
  const rendered = templates.render(endpoint.template, JSON.parse(message) as WebhookMessage);
  return rendered.problem ? { problem: rendered.problem } : { body: rendered.body };
}

/** All headers of one attempt besides those of the connection. Ours win over the endpoint's own. */
export function headersFor(
  box: SecretBox,
  { endpoint, id, body, nowMs }: { endpoint: EndpointRow; id: string; body: string; nowMs: number },
): Record<string, string> {
  return {
    ...ownHeaders(box, endpoint),
    ...signedHeaders({ id, body, secrets: signingSecrets(box, endpoint, nowMs), nowMs }),
  };
}

/** The problem in one sentence, for a log and for a person. */
export function problemSentence({ message, line, column }: TemplateProblem): string {
  return line === null ? message : `Line ${line}, column ${column}: ${message}`;
}
