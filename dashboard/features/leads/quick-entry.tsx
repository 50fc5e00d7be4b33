import { Button, Checkbox, FileButton, Group, List, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconCamera, IconCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import { request } from '../../api/client.ts';
import { leadsKey } from '../../api/lead-queries.ts';
import { meQuery } from '../../api/queries.ts';
import { Page } from '../../shell/page.tsx';
import { useSite } from '../../shell/use-site.ts';
import { errorText, notifyFailed } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { blankEntry, type Entry, isKnown, keptWords, nextEntry, toNewLead } from './entry.ts';
import { FollowUpDates } from './follow-up-dates.tsx';
import classes from './quick-entry.module.css';
import { sendPhoto } from './send-photo.ts';

interface Kept {
  lead: LeadDetail;
  words: string[];
  problems: string[];
}

/** Keeps a person in seconds, standing, on a phone: one field is enough, or a photo of the card. */
export function QuickEntryScreen() {
  const site = useSite();
  const queryClient = useQueryClient();
  const me = useQuery(meQuery()).data?.user.id;
  const [entry, setEntry] = useState<Entry>(blankEntry);
  const [photo, setPhoto] = useState<File | null>(null);
  const [kept, setKept] = useState<Kept | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const resetPhoto = useRef<() => void>(null);
  const set = (change: Partial<Entry>) => setEntry({ ...entry, ...change });
  const keep = useMutation({
    mutationFn: () => keepEntry({ site: site.id, entry, photo, me }),
    onSuccess: async (result) => {
      setKept(result);
      setEntry(nextEntry(entry));
      setPhoto(null);
      resetPhoto.current?.();
      first.current?.focus();
      await queryClient.invalidateQueries({ queryKey: leadsKey(site.id) });
    },
    onError: notifyFailed,
  });
  return (
    <Page title="Add a lead" lead="One field is enough. Everything else can be added later.">
      {kept ? <KeptPanel kept={kept} /> : null}
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          keep.mutate();
        }}
      >
        <Stack gap="md">
          <div className={classes.pair}>
            <TextInput
              ref={first}
              size="md"
              label="Name"
              autoComplete="off"
              value={entry.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <TextInput
              size="md"
              type="tel"
              label="Phone"
              autoComplete="off"
              value={entry.phone}
              onChange={(event) => set({ phone: event.currentTarget.value })}
            />
            <TextInput
              size="md"
              type="email"
              inputMode="email"
              label="E-mail"
              autoComplete="off"
              value={entry.email}
              onChange={(event) => set({ email: event.currentTarget.value })}
            />
            <TextInput
              size="md"
              label="Company"
              autoComplete="off"
              value={entry.company}
              onChange={(event) => set({ company: event.currentTarget.value })}
            />
          </div>
          <FileButton accept="image/*" capture="environment" resetRef={resetPhoto} onChange={setPhoto}>
            {(props) => (
              <Button
                {...props}
                size="md"
                variant={photo ? 'light' : 'default'}
                leftSection={photo ? <IconCheck size={18} /> : <IconCamera size={18} stroke={1.6} />}
              >
                {photo ? 'Photo taken. Take another' : 'Photo of the card'}
              </Button>
            )}
          </FileButton>
          <FollowUpDates
            size="md"
            label="Follow up"
            value={entry.followUpOn}
            onChange={(followUpOn) => set({ followUpOn })}
          />
          <Textarea
            size="md"
            label="Note"
            placeholder="Wants a price for two rooms"
            autosize
            minRows={2}
            maxLength={2_000}
            value={entry.note}
            onChange={(event) => set({ note: event.currentTarget.value })}
          />
          <TextInput
            size="md"
            label="Where did you meet?"
            description="Stays for the next person."
            placeholder="Spring trade fair"
            value={entry.place}
            onChange={(event) => set({ place: event.currentTarget.value })}
          />
          <Group gap="lg">
            <Checkbox
              label="I look after this person"
              checked={entry.mine}
              onChange={(event) => set({ mine: event.currentTarget.checked })}
            />
            <Checkbox
              label="They agreed to be written to"
              checked={entry.consent}
              onChange={(event) => set({ consent: event.currentTarget.checked })}
            />
          </Group>
          <Button
            type="submit"
            size="lg"
            className={classes.keep}
            loading={keep.isPending}
            disabled={!isKnown(entry) && photo === null}
          >
            Keep, and next
          </Button>
        </Stack>
      </form>
    </Page>
  );
}

async function keepEntry(options: {
  site: string;
  entry: Entry;
  photo: File | null;
  me: string | undefined;
}): Promise<Kept> {
  const { site, entry, photo, me } = options;
  const body = toNewLead(entry, { me, photoOnly: photo !== null });
  const answer = await request<LeadDetail & { created: boolean; problems: string[] }>('POST', `/sites/${site}/leads`, {
    body,
  });
  const problems = [...answer.problems];
  // The person is safe by now: a photo that cannot be kept is told, and nothing has to be typed again.
  const withPhoto =
    photo !== null &&
    (await sendPhoto({ site, lead: answer.id, file: photo }).then(
      () => true,
      (error: unknown) => {
        problems.push(`The photo could not be kept: ${errorText(error)}`);
        return false;
      },
    ));
  const { followUpOn } = entry;
  return { lead: answer, words: keptWords(answer, { created: answer.created, followUpOn, withPhoto }), problems };
}

function KeptPanel({ kept }: { kept: Kept }) {
  const site = useSite();
  const [title, ...more] = kept.words;
  return (
    <Panel>
      <div role="status" className={classes.kept}>
        <IconCheck size={22} aria-hidden="true" className={classes.check} />
        <div>
          <Text fw={550}>{title}</Text>
          <Text size="sm">{more.join(' ')}</Text>
          {kept.problems.length > 0 ? (
            <List size="sm" mt={4}>
              {kept.problems.map((problem) => (
                <List.Item key={problem}>{problem}</List.Item>
              ))}
            </List>
          ) : null}
          <Text size="sm" mt={4}>
            <Link to="/sites/$site/leads/$lead" params={{ site: site.id, lead: kept.lead.id }}>
              Open, or correct something
            </Link>
          </Text>
        </div>
      </div>
    </Panel>
  );
}
