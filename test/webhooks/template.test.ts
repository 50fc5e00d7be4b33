import { expect, test } from 'vitest';
import { webhookEvents } from '../../collector/contract/names.ts';
import { sampleMessage } from '../../collector/webhooks/events.ts';
import { templatePresetList } from '../../collector/webhooks/presets.ts';
import { createPayloadTemplates } from '../../collector/webhooks/template.ts';

const templates = createPayloadTemplates();
const at = { site: 'abc', at: '2026-09-01T12:00:00.000Z' };
const presets = Object.entries(templatePresetList).flatMap(([id, { template }]) =>
  template === null ? [] : [{ id, template }],
);

test.each(presets)('template: the preset $id renders JSON for every message, full and sparse', ({ template }) => {
  for (const type of webhookEvents) {
    expect([type, templates.check(template, [type])]).toEqual([type, []]);
  }
});

test('template: the Slack preset says who left what, and where to take them back to', () => {
  const template = templatePresetList.slack.template ?? '';
  const { body } = templates.render(template, sampleMessage('abandonment.created', at));
  expect(JSON.parse(body ?? '')).toEqual({
    text: 'Abandoned: Booking started and not finished',
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: 'Abandoned: Booking started and not finished' } },
      { type: 'section', text: { type: 'plain_text', text: 'Ana Example, Book a treatment, 89 EUR' } },
      {
        type: 'context',
        elements: [{ type: 'plain_text', text: 'https://example.com/book?booking=b-1042' }],
      },
    ],
  });
});

test('template: a name with quotation marks stays inside its JSON string', () => {
  const message = { ...sampleMessage('lead.created', at), data: { name: 'Ana "the boss"\nExample \\' } };
  const { body } = templates.render('{ "hello": "{{ data.name | upcase }}", "raw": {{ data.name | json }} }', message);
  expect(JSON.parse(body ?? '')).toEqual({
    hello: 'ANA "THE BOSS"\nEXAMPLE \\',
    raw: 'Ana "the boss"\nExample \\',
  });
});

test.each([
  ['{ "a": {{ data.name }} }', 1, 8, 'What it renders is no JSON: unexpected "A" near «{ "a": Ana Exampl».'],
  ['{\n  "a": "x"\n  "b": 1\n}', 3, 3, 'What it renders is no JSON: unexpected "\\"" near «{ "a": "x" "b": 1 }».'],
  ['{\n  "a": 1,\n}', 3, 1, 'What it renders is no JSON: unexpected "}" near «{ "a": 1, }».'],
  ['{ "a": 1', 1, 9, 'What it renders is no JSON: it ends too early near «{ "a": 1».'],
  ['Hello {{ data.name }}', 1, 1, 'What it renders is no JSON: unexpected "H" near «Hello Ana ».'],
  ['"just text"', 1, 1, 'What it renders is a single value. A receiver expects an object: { … }.'],
  ['{ "a":\n  "{{ data.nmae }}" }', 2, 7, 'No message has "data.nmae".'],
  ['{\n"a": "{{ data.name | shout }}" }', 2, 7, 'There is no filter "shout".'],
  ['{\n\n {% include "/etc/passwd" %} }', 3, 2, 'There is no tag {% include %} here.'],
  ['{ "a": "{% if data.name %}x" }', 1, 9, 'Tag {% if data.name %} not closed.'],
  ['{ "a": "{{ data.name " }', 1, 9, 'Output "{{ data.name \\" }" not closed.'],
])('template: %j is refused with place and reason', (template, line, column, message) => {
  const [problem] = templates.check(template, ['abandonment.created']);
  expect(problem).toEqual({ line, column, message });
});

test('template: a value that can be missing is found before the first real message', () => {
  expect(templates.check('{\n "value": {{ data.value }} }', ['abandonment.created'])).toEqual([
    {
      line: 2,
      column: 11,
      message:
        'What it renders is no JSON: unexpected "}" near «{ "value": }». This happens where a value is missing: write {{ … | json }}.',
    },
  ]);
  expect(templates.check('{\n "value": {{ data.value | json }} }', ['abandonment.created'])).toEqual([]);
});

test('template: properties are the site’s own, so any name of one is fine, and renders as nothing where it is missing', () => {
  const template = '{ "treatment": "{{ data.intent.props.treatment }}", "last": "{{ data.viewed.last.title }}" }';
  expect(templates.check(template, ['abandonment.created'])).toEqual([]);
  const message = {
    type: 'abandonment.created' as const,
    timestamp: at.at,
    data: { intent: { props: {} }, viewed: [] },
  };
  expect(templates.render(template, message)).toEqual({ body: '{ "treatment": "", "last": "" }' });
});

test.each([
  ['a long loop', '{% for i in (1..100000000) %}a{% endfor %}'],
  ['loops in loops', '{% for i in (1..9999) %}{% for j in (1..9999) %}a{% endfor %}{% endfor %}'],
  [
    'text that doubles',
    '{% assign x = "aaaaaaaa" %}{% for i in (1..99) %}{% assign x = x | append: x %}{% endfor %}{{ x }}',
  ],
  [
    'lists that double',
    '{% assign x = "a,b" | split: "," %}{% for i in (1..99) %}{% assign x = x | concat: x %}{% endfor %}',
  ],
  ['padding of a date', '{{ "2026-01-01" | date: "%999999999N" }}'],
  ['much text', `{% for i in (1..9999) %}${'x'.repeat(9_000)}{% endfor %}`],
])('template: %s is stopped, soon', (_name, template) => {
  const before = process.cpuUsage();
  const [problem] = templates.check(template, ['abandonment.created']);
  expect(problem?.message).toMatch(/longer than 100 ms|more text than a message may hold|larger than 20 kB/);
  // Three trials of at most 100 ms each, and what lies between two looks at the clock.
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(3_000_000);
});

test.each([
  '{{ data.constructor.constructor }}',
  '{{ data.__proto__.polluted }}',
  '{{ type.constructor }}',
  '{% layout "/etc/passwd" %}',
  '{% render "secret.key" %}',
])('template: %s reaches nothing of the server', (template) => {
  expect(templates.check(template, ['abandonment.created'])).not.toEqual([]);
  const { body } = templates.render(template, sampleMessage('abandonment.created', at));
  expect(body ?? '').toBe('');
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
