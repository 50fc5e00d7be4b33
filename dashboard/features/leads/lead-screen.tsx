import { ActionIcon, Button, Menu, Skeleton, Stack, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowLeft, IconDots, IconPhonePlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import { leadQuery } from '../../api/lead-queries.ts';
import { Page } from '../../shell/page.tsx';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { LeadFiles } from './lead-files.tsx';
import classes from './lead-page.module.css';
import { LeadPerson } from './lead-person.tsx';
import { EraseModal, useLeadExport } from './lead-privacy.tsx';
import { LeadScorePanel } from './lead-score.tsx';
import { LeadTimeline } from './lead-timeline.tsx';
import { LeadVerdict } from './lead-verdict.tsx';
import { LeadWork } from './lead-work.tsx';
import { MergeModal } from './merge-modal.tsx';
import { TouchModal } from './touch-modal.tsx';
import { useLeadChange } from './use-lead-change.ts';
import { leadDetails, leadName } from './words.ts';

const route = getRouteApi('/signed-in/sites/$site/leads/$lead');

/** One lead: what is next, who it is, why it has its score, and everything that happened. */
export function LeadScreen() {
  const site = useSite();
  const { lead: id } = route.useParams();
  const lead = useQuery(leadQuery(site.id, id));
  if (lead.isError && !lead.data) {
    return (
      <Page title="Lead">
        <ErrorState error={lead.error} onRetry={() => void lead.refetch()} />
      </Page>
    );
  }
  if (!lead.data) {
    return (
      <Page title="Lead">
        <Skeleton height={150} />
        <Skeleton height={320} />
      </Page>
    );
  }
  return <LeadPage lead={lead.data} />;
}

function LeadPage({ lead }: { lead: LeadDetail }) {
  return (
    <Page title={leadName(lead)} lead={<BackToList details={leadDetails(lead)} />} aside={<LeadActions lead={lead} />}>
      <LeadWork lead={lead} />
      <div className={classes.columns}>
        <Stack gap="lg">
          <NoteField lead={lead} />
          <LeadTimeline lead={lead} />
        </Stack>
        <Stack gap="lg">
          <LeadPerson lead={lead} />
          <LeadScorePanel id={lead.id} />
          <LeadVerdict lead={lead} />
          <LeadFiles lead={lead} />
        </Stack>
      </div>
    </Page>
  );
}

function BackToList({ details }: { details: string }) {
  const site = useSite();
  return (
    <span className={classes.back}>
      <Link to="/sites/$site/leads" params={{ site: site.id }}>
        <IconArrowLeft size={15} aria-hidden="true" /> All leads
      </Link>
      {details}
    </span>
  );
}

/** What is done with a lead as a whole. */
function LeadActions({ lead }: { lead: LeadDetail }) {
  const [touching, touch] = useDisclosure(false);
  const [merging, merge] = useDisclosure(false);
  const [erasing, erase] = useDisclosure(false);
  const exported = useLeadExport(lead);
  const change = useLeadChange(() => {
    touch.close();
    merge.close();
  });
  return (
    <>
      <Button leftSection={<IconPhonePlus size={16} stroke={1.6} />} onClick={touch.open}>
        Add a contact
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size="lg" variant="default" aria-label={`More for ${leadName(lead)}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={merge.open}>Merge with another lead…</Menu.Item>
          <Menu.Item onClick={() => exported.mutate()}>Export everything about this person</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" onClick={erase.open}>
            Erase this person…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <TouchModal
        opened={touching}
        busy={change.isPending}
        onClose={touch.close}
        onTell={(body, said) => change.mutate({ id: lead.id, action: 'touches', body, said })}
      />
      <MergeModal
        lead={lead}
        opened={merging}
        busy={change.isPending}
        onClose={merge.close}
        onMerge={(other) =>
          change.mutate({
            id: lead.id,
            action: 'merge',
            body: { from: other.id },
            said: `${leadName(other)} is part of this lead now.`,
            takeBack: `${other.id}/unmerge`,
          })
        }
      />
      <EraseModal lead={lead} opened={erasing} onClose={erase.close} />
    </>
  );
}

/** One line to keep, written where it is read. */
function NoteField({ lead }: { lead: LeadDetail }) {
  const [text, setText] = useState('');
  const change = useLeadChange(() => setText(''));
  return (
    <Panel>
      <form
        className={classes.note}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ id: lead.id, body: { note: text.trim() }, said: 'Note kept.' });
        }}
      >
        <Textarea
          aria-label="Note"
          placeholder="Write a note…"
          autosize
          minRows={1}
          maxLength={2_000}
          className={classes.grow}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={change.isPending} disabled={text.trim() === ''}>
          Keep note
        </Button>
      </form>
    </Panel>
  );
}
