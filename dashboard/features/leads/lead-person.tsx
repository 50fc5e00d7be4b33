import { Select, Stack, Text } from '@mantine/core';
import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import type { LeadPatch } from '../../../collector/contract/leads.ts';
import { formatInstant } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { Panel } from '../../ui/panel.tsx';
import { EditInPlace } from './edit-in-place.tsx';
import { LeadLink } from './lead-link.tsx';
import classes from './lead-page.module.css';
import { useLeadChange } from './use-lead-change.ts';
import { channelNames, consentNames } from './words.ts';

const fields = [
  ['name', 'Name', 'text'],
  ['email', 'E-mail', 'email'],
  ['phone', 'Phone', 'tel'],
  ['company', 'Company', 'text'],
] as const;

/** Who a lead is, where it came from, and what it said about being written to. */
export function LeadPerson({ lead }: { lead: LeadDetail }) {
  const site = useSite();
  const change = useLeadChange();
  const patch = (body: LeadPatch, said: string) => change.mutate({ id: lead.id, body, said });
  const traits = Object.entries(lead.traits);
  return (
    <Panel title="Who">
      <dl className={classes.facts}>
        {fields.map(([key, label, type]) => (
          <div key={key}>
            <dt>{label}</dt>
            <dd>
              <EditInPlace
                label={label}
                type={type}
                value={lead[key]}
                none="Not known"
                onSave={(value) => patch({ [key]: value }, `${label} ${value === null ? 'taken away' : 'saved'}.`)}
              />
            </dd>
          </div>
        ))}
        <Fact name="Number" value={String(lead.number)} />
        <Fact name="About" value={lead.kind || null} />
        <Fact name="Came from" value={sourceWords(lead.first)} />
        <Fact
          name="Came back from"
          value={sourceWords(lead.last) === sourceWords(lead.first) ? null : sourceWords(lead.last)}
        />
        <Fact name="Since" value={formatInstant(lead.createdAt, site.timezone)} />
        <Fact name="Id elsewhere" value={lead.externalId} />
        {traits.map(([key, value]) => (
          <Fact key={key} name={key} value={String(value)} />
        ))}
      </dl>
      <Stack gap="sm" mt="md">
        <Select
          label="Consent"
          size="sm"
          allowDeselect={false}
          data={Object.entries(consentNames).map(([value, label]) => ({ value, label }))}
          value={lead.consent}
          description={lead.consentAt ? `Said on ${formatInstant(lead.consentAt, site.timezone)}` : undefined}
          onChange={(next) => {
            if (next === 'unknown' || next === 'granted' || next === 'denied')
              patch({ consent: next }, `${consentNames[next]}.`);
          }}
        />
        {lead.claims.length > 0 ? (
          <div>
            <span className={classes.label}>May be the same person</span>
            {lead.claims.map(({ field, value, lead: other }) => (
              <Text size="sm" key={`${field} ${other.id}`}>
                <LeadLink lead={other} /> has {value}, too.
              </Text>
            ))}
          </div>
        ) : null}
      </Stack>
    </Panel>
  );
}

function Fact({ name, value }: { name: string; value: string | null }) {
  if (value === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** "google, spring"; null where nothing is known. */
function sourceWords({ source, campaign, channel }: LeadDetail['first']): string | null {
  const words = [source ?? (channel ? channelNames[channel] : undefined), campaign].filter(Boolean).join(', ');
  return words === '' ? null : words;
}
