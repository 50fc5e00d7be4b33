import { describe, expect, it } from 'vitest';
import type { StoredEndpoint } from '../../collector/contract/webhooks.ts';
import { ApiError } from '../../dashboard/api/client.ts';
import {
  endpointHealth,
  problemAt,
  requestText,
  subscribable,
  templateProblem,
  toHeaders,
} from '../../dashboard/features/webhooks/data.ts';

const now = Date.parse('2026-09-09T12:00:00Z');
const good: Parameters<typeof endpointHealth>[0] = {
  enabled: true,
  disabledBy: null,
  disabledReason: null,
  notice: null,
  breaker: { state: 'closed', failures: 0, failingSince: null, nextTryAt: null },
  health: { delivered: 1, failed: 0, pending: 0, lastStatus: 200, lastAt: '2026-09-09T11:00:00Z', p95Ms: 80 },
};
const breaker = (state: StoredEndpoint['breaker']['state'], failures: number) => ({
  state,
  failures,
  failingSince: '2026-09-09T10:00:00Z',
  nextTryAt: '2026-09-09T12:05:00Z',
});

describe('the health of an endpoint', () => {
  it('is one word for each state', () => {
    expect(endpointHealth(good, now)).toEqual({ tone: 'good', word: 'Works', sentence: '' });
    expect(endpointHealth({ ...good, health: { ...good.health, lastAt: null } }, now).word).toBe('Not used yet');
    expect(endpointHealth({ ...good, enabled: false, disabledBy: 'person' }, now).tone).toBe('off');
    expect(endpointHealth({ ...good, breaker: breaker('recovering', 0) }, now).word).toBe('Recovering');
  });

  it('says since when and until when messages are held back', () => {
    const notice = { level: 'warning' as const, message: '12 attempts in a row have failed.' };
    expect(endpointHealth({ ...good, notice, breaker: breaker('open', 12) }, now)).toEqual({
      tone: 'bad',
      word: 'Not answering',
      sentence: '12 attempts in a row have failed. Next try in 5 minutes.',
    });
    expect(endpointHealth({ ...good, breaker: breaker('throttled', 0) }, now).sentence).toBe(
      'It asked for fewer messages at a time. Next try in 5 minutes.',
    );
    expect(endpointHealth({ ...good, breaker: { ...breaker('closed', 2), nextTryAt: null } }, now).sentence).toBe(
      'The last 2 tries failed. It goes on by itself.',
    );
  });

  it('asks for somebody where it was switched off because of failures', () => {
    const notice = { level: 'error' as const, message: 'Switched off on 2026-09-08. It answered 410.' };
    expect(endpointHealth({ ...good, enabled: false, disabledBy: 'gone', notice }, now)).toEqual({
      tone: 'bad',
      word: 'Switched off',
      sentence: notice.message,
    });
  });
});

describe('what is sent', () => {
  it('a problem of a template names its place', () => {
    expect(templateProblem({ message: 'tag not closed', line: 3, column: 7 })).toBe('Line 3, column 7: tag not closed');
    expect(templateProblem({ message: 'This is no JSON.', line: null, column: null })).toBe('This is no JSON.');
  });

  it('headers without a name are left out, spaces around them too', () => {
    expect(
      toHeaders([
        { name: ' X-Api-Key ', value: ' secret ' },
        { name: '', value: 'lost' },
      ]),
    ).toEqual({ 'X-Api-Key': 'secret' });
  });

  it('a refusal is shown at its place', () => {
    const refusal = new ApiError({
      status: 422,
      code: 'invalid_request',
      message: 'No.',
      details: [{ path: 'headers.Host', message: 'Leave it out.' }],
    });
    expect(problemAt(refusal, 'headers')).toBe('Leave it out.');
    expect(problemAt(refusal, 'headers.Host')).toBe('Leave it out.');
    expect(problemAt(refusal, 'template')).toBeUndefined();
    expect(problemAt(new Error('offline'), 'template')).toBeUndefined();
  });

  it('a request is written as programs write it', () => {
    expect(requestText({ url: 'https://a.example/h', headers: { 'webhook-id': 'msg_1' } })).toBe(
      'POST https://a.example/h\nwebhook-id: msg_1',
    );
  });

  it('everything but a test can be subscribed to', () => {
    expect(subscribable).toContain('report.weekly');
    expect(subscribable).not.toContain('webhook.test');
  });
});
