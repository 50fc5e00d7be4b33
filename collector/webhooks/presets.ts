import type { TemplatePreset, TemplatePresetId } from '../contract/webhooks.ts';

/** Who it is about and what happened, in one line: the beginning of every chat message. */
const headline = `{%- capture headline -%}
{%- case type -%}
{%- when 'abandonment.created' -%}Abandoned: {{ data.rule | raw }}
{%- when 'abandonment.recovered' -%}Recovered: {{ data.rule | raw }}
{%- when 'leak.detected' -%}New leak: {{ data.sentence | raw }}
{%- when 'funnel.people' -%}{{ data.sentence | raw }}
{%- when 'report.weekly' -%}Last week at {{ data.siteName | raw }}: {{ data.summary | raw }}
{%- when 'webhook.test' -%}Test message: {{ data.rule | raw }}
{%- else -%}{{ type | raw }}: {{ data.name | default: data.email | default: data.id | raw }}
{%- endcase -%}
{%- endcapture -%}
{%- capture detail -%}
{%- if data.step -%}{{ data.name | default: data.email | default: "Somebody" | raw }}, {{ data.page | default: data.step | raw }}{% if data.value %}, {{ data.value }} {{ data.currency }}{% endif %}{%- elsif data.email -%}{{ data.email | raw }}{%- endif -%}
{%- endcapture -%}
`;

/** Ready templates, in the order in which they are offered. Each renders JSON for every message type. */
export const templatePresetList: Record<TemplatePresetId, Omit<TemplatePreset, 'id'>> = {
  raw: {
    name: 'As it is',
    description: 'The whole message, signed. For n8n, Make, Zapier and your own code.',
    template: null,
  },
  slack: {
    name: 'Slack',
    description: 'A message in a channel. Paste the address of an incoming webhook of your Slack app.',
    template: `${headline}{
  "text": "{{ headline }}",
  "blocks": [
    { "type": "section", "text": { "type": "plain_text", "text": "{{ headline | truncate: 2900 }}" } }
    {%- if detail != "" -%},
    { "type": "section", "text": { "type": "plain_text", "text": "{{ detail | truncate: 2900 }}" } }
    {%- endif -%}
    {%- if data.resumeUrl -%},
    { "type": "context", "elements": [{ "type": "plain_text", "text": "{{ data.resumeUrl | truncate: 1900 }}" }] }
    {%- endif %}
  ]
}
`,
  },
  discord: {
    name: 'Discord',
    description: 'A message in a channel. Paste the address of a webhook of the channel.',
    template: `${headline}{
  "username": "Telltale",
  "allowed_mentions": { "parse": [] },
  "embeds": [
    {
      "title": "{{ headline | truncate: 250 }}",
      "description": "{{ detail | truncate: 2000 }}",
      {%- if data.resumeUrl %}
      "url": "{{ data.resumeUrl }}",
      {%- endif %}
      "timestamp": "{{ timestamp }}"
    }
  ]
}
`,
  },
  teams: {
    name: 'Microsoft Teams',
    description:
      'A card in a channel. Paste the address of a workflow that posts a card when a webhook request comes in.',
    template: `${headline}{
  "type": "message",
  "attachments": [
    {
      "contentType": "application/vnd.microsoft.card.adaptive",
      "content": {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
          { "type": "TextBlock", "weight": "Bolder", "wrap": true, "text": "{{ headline }}" },
          { "type": "TextBlock", "wrap": true, "text": "{{ detail }}" }
        ],
        "actions": [
          {%- if data.resumeUrl %}
          { "type": "Action.OpenUrl", "title": "Open the page", "url": "{{ data.resumeUrl }}" }
          {%- endif %}
        ]
      }
    }
  ]
}
`,
  },
  crm: {
    name: 'CRM contact',
    description: 'One contact with its last intent, flat. Rename the fields to those of your CRM.',
    template: `{
  "email": {{ data.email | json }},
  "phone": {{ data.phone | json }},
  "name": {{ data.name | json }},
  "source": {{ data.source | json }},
  "campaign": {{ data.campaign | json }},
  "telltale_id": {{ data.id | json }},
  "telltale_event": {{ type | json }},
  "last_intent": {{ data.step | json }},
  "last_page": {{ data.url | json }},
  "resume_url": {{ data.resumeUrl | json }},
  "value": {{ data.value | json }},
  "currency": {{ data.currency | json }},
  "occurred_at": {{ data.occurredAt | default: timestamp | json }}
}
`,
  },
};

/** The same as a list, for the API. */
export function templatePresetsForApi(): TemplatePreset[] {
  return Object.entries(templatePresetList).map(([id, preset]) => ({ id: id as TemplatePresetId, ...preset }));
}
