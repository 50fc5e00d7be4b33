import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { suppressReasons, webhookEvents } from '../../collector/contract/names.ts';
import { rule } from '../../collector/contract/rule.ts';
import { sampleAbandonment, sampleMessage, webhookCatalogue } from '../../collector/webhooks/events.ts';
import { retryDelaysMs } from '../../collector/webhooks/retry-schedule.ts';
import { createPayloadTemplates } from '../../collector/webhooks/template.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const guide = read('docs/webhooks.md');
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

test('docs: the rule of the guide is a valid rule', () => {
  const [example = ''] = blocks('json');
  expect(rule.parse(JSON.parse(example))).toMatchObject({ wait: '60m', enabled: true });
});

test('docs: the code of the guide is in the examples that the tests run', () => {
  const example = read('examples/webhook-receiver.mjs');
  for (const line of blocks('js').join('').split('\n')) expect(example).toContain(line.trim());
  const [python = ''] = blocks('python');
  expect(read('examples/webhook-receiver.py')).toContain(python.trim());
});

test('docs: every reason of a suppressed case is explained', () => {
  expect(suppressReasons.filter((reason) => !guide.includes(`\`${reason}\``))).toEqual([]);
});

test('docs: every field of an abandonment is named', () => {
  const fields = Object.keys(sampleAbandonment('abc', '2026-09-01T12:00:00.000Z'));
  expect(fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(guide))).toEqual([]);
});

test('docs: the number of attempts is the one of the schedule', () => {
  expect(retryDelaysMs).toHaveLength(10);
  expect(guide).toContain('ten attempts over about 76 hours');
});

test('docs: the template of the guide renders JSON', () => {
  const [template = ''] = blocks('liquid');
  expect(createPayloadTemplates().check(template, ['abandonment.created', 'webhook.test'])).toEqual([]);
});

test('docs: the page of message types is made from the catalogue (npx vitest run test/webhooks/docs.test.ts -u)', async () => {
  const context = { site: 'SITE', at: '2026-09-07T06:00:00.000Z' };
  const sections = webhookEvents.flatMap((type) => [
    `## ${type}`,
    webhookCatalogue[type].description,
    `\`\`\`json\n${JSON.stringify(sampleMessage(type, context), null, 2)}\n\`\`\``,
  ]);
  const page = [
    '# Message types',
    'Made from the catalogue in `collector/webhooks/events.ts`. `GET /api/v1/hooks/samples/EVENT` answers the same.',
    ...sections,
  ];
  await expect(`${page.join('\n\n')}\n`).toMatchFileSnapshot('../../docs/webhook-events.md');
});

test('docs: every message type stands in the table of the guide', () => {
  expect(webhookEvents.filter((type) => !guide.includes(`\`${type}\``))).toEqual([]);
});
