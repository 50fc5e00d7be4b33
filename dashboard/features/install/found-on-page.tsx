import { Button, Stack, Text } from '@mantine/core';
import { IconDropletDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { FoundOnPage as Found, FoundWidget, OfferedRule } from '../../../collector/contract/install.ts';
import { rulesQuery } from '../../api/queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { CopyField } from '../../ui/copy-field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ruleSentence } from '../leaks/data.ts';
import type { DraftRule } from '../leaks/rule-draft.ts';
import { RuleEditor } from '../leaks/rule-editor.tsx';
import classes from './install.module.css';

/** Forms and widgets of the page that was tested, and the rules that fit them. */
export function FoundOnPage({ found, offers }: { found: Found; offers: OfferedRule[] }) {
  const site = useSite();
  const rules = useQuery(rulesQuery(site.id));
  const [draft, setDraft] = useState<DraftRule | null>(null);
  const nothing = found.forms.length + found.widgets.length + found.contacts === 0;
  return (
    <Panel
      title="3. What is on the page"
      hint="Read from the HTML of the page. What a script adds later is not in it, and is counted all the same."
    >
      <Stack gap="md">
        {nothing ? (
          <Text size="sm">
            No form, no booking widget and no way to get in touch. Test the page where people book, ask or buy: rules
            for it are offered here.
          </Text>
        ) : (
          <ul className={classes.found}>
            {found.forms.map(({ name, isNamed, fields, asksForEmail }) => (
              <li key={name}>
                {isNamed ? `Form “${name}”` : 'A form without a name'}: {plural(fields, 'field')}
                {asksForEmail ? ', asks for an e-mail address' : ''}
              </li>
            ))}
            {found.widgets.map((widget) => (
              <li key={widget.name}>
                {widget.name} ({widgetNames[widget.kind]})
                <Finish widget={widget} />
              </li>
            ))}
            {found.contacts > 0 ? <li>{plural(found.contacts, 'link')} to call, write or chat</li> : null}
          </ul>
        )}
        {offers.length > 0 ? (
          <ul className={classes.offers} aria-label="Rules that fit this page">
            {offers.map((offer) => (
              <Offer
                key={offer.rule.name}
                offer={offer}
                isMade={rules.data?.items.some(({ name }) => name === offer.rule.name) ?? false}
                onMake={() => setDraft({ ...offer.rule, enabled: true })}
              />
            ))}
          </ul>
        ) : null}
      </Stack>
      <RuleEditor rule={draft} id={null} onClose={() => setDraft(null)} />
    </Panel>
  );
}

const widgetNames: Record<FoundWidget['kind'], string> = { booking: 'booking', form: 'form', chat: 'chat' };

/** Nobody can look into a widget of another site, so it has to tell when somebody has finished. */
function Finish({ widget }: { widget: FoundWidget }) {
  if (widget.kind === 'chat') return null;
  const event = widget.kind === 'booking' ? 'booking_done' : 'form_done';
  return (
    <details className={classes.help}>
      <summary>How Telltale hears that somebody has finished</summary>
      {widget.finish ? (
        <Stack gap="xs" mt="xs">
          <Text size="sm">Paste this below the tag, once:</Text>
          <CopyField value={widget.finish} label={`code for ${widget.name}`} />
        </Stack>
      ) : (
        <Text size="sm" mt="xs">
          Call <code>telltale('track', '{event}')</code> on the page that says thank you, or let {widget.name} send the
          event {event} through its own webhook.
        </Text>
      )}
    </details>
  );
}

function Offer({ offer, isMade, onMake }: { offer: OfferedRule; isMade: boolean; onMake: () => void }) {
  const site = useSite();
  const { rule, existing, lastHour } = offer;
  return (
    <li className={classes.offer}>
      <div className={classes.what}>
        <Text fw={550} size="sm">
          {rule.name}
        </Text>
        <Text size="sm">{ruleSentence(rule)}</Text>
        <Text size="sm" c="dimmed">
          Last hour: {lastHour.intents} begun, {lastHour.completions} finished.
        </Text>
      </div>
      {existing !== null || isMade ? (
        <Text size="sm">
          <Link to="/sites/$site/leaks" params={{ site: site.id }} search={{ part: 'rules' }}>
            You have this rule
          </Link>
        </Text>
      ) : (
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconDropletDown size={15} />}
          aria-label={`Make a rule: ${rule.name}`}
          onClick={onMake}
        >
          Make this a rule
        </Button>
      )}
    </li>
  );
}
