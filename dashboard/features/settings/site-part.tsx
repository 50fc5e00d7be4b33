import { Button, Group, NumberInput, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { limits } from '../../../collector/contract/limits.ts';
import type { Site } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { TimezoneSelect } from '../../ui/timezone-select.tsx';
import { DeletedSites, useRestoreSite } from '../sites/deleted-sites.tsx';
import { deletesMore, keepChoices, toSiteForm, toSitePatch } from './data.ts';
import { SaveChanges } from './save-changes.tsx';
import classes from './settings.module.css';

export function SitePart() {
  const site = useSite();
  return (
    <Stack gap="lg" className={classes.narrow}>
      <SiteFields key={site.id} site={site} />
      <DeleteSite site={site} />
      <DeletedSites />
    </Stack>
  );
}

function SiteFields({ site }: { site: Site }) {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState(false);
  const form = useForm({
    initialValues: toSiteForm(site),
    validate: {
      name: (text) => (text.trim() === '' ? 'Give the site a name.' : null),
      domains: (list) => (list.length === 0 ? 'Keep at least one domain, or no events are accepted.' : null),
      country: (text) => (/^([A-Za-z]{2})?$/.test(text.trim()) ? null : 'Two letters, such as DE or AT.'),
      staleDays: (days) => (Number(days) >= 1 && Number(days) <= 365 ? null : 'Between 1 and 365 days.'),
      currency: (text) => (/^[A-Za-z]{3}$/.test(text.trim()) ? null : 'Three letters, such as EUR or USD.'),
    },
  });
  const save = useMutation({
    mutationFn: (values: typeof form.values) =>
      request<Site>('PATCH', `/sites/${site.id}`, { body: toSitePatch(values) }),
    onSuccess: async (saved) => {
      const values = toSiteForm(saved);
      form.setValues(values);
      form.resetDirty(values);
      setAsked(false);
      notifySaved('Site saved.');
      await queryClient.invalidateQueries();
    },
    onError: notifyFailed,
  });
  const { keep } = toSiteForm(site);
  const choices = keepChoices(keep);
  const submit = (values: typeof form.values) =>
    deletesMore(keep, values.keep) ? setAsked(true) : save.mutate(values);
  return (
    <>
      <form noValidate onSubmit={form.onSubmit(submit)}>
        <Panel title="Site">
          <Stack gap="lg">
            <TextInput label="Name" maxLength={120} {...form.getInputProps('name')} />
            <TagsInput
              label="Domains"
              description="Events from these are accepted, sub-domains included. Press Enter after each."
              {...form.getInputProps('domains')}
            />
            <Group grow align="flex-start" className={classes.pair}>
              <TimezoneSelect
                description="A day begins at midnight here."
                value={form.values.timezone}
                onChange={(timezone) => form.setFieldValue('timezone', timezone)}
              />
              <TextInput
                label="Currency"
                description="Where an event names none."
                maxLength={3}
                {...form.getInputProps('currency')}
              />
            </Group>
            <Group grow align="flex-end" className={classes.pair}>
              <TextInput
                label="Country"
                description="Whose telephone numbers are written without a code. Empty: that of the time zone."
                placeholder="DE"
                maxLength={2}
                {...form.getInputProps('country')}
              />
              <NumberInput
                label="Days until a lead leaks"
                description="A lead in work of which nothing was heard for so long."
                min={1}
                max={365}
                allowDecimal={false}
                {...form.getInputProps('staleDays')}
              />
            </Group>
            <Select
              label="Keep events"
              description="What is older is deleted once a week: events, visits, and messages about visitors. Leads stay until you erase them."
              data={choices}
              allowDeselect={false}
              {...form.getInputProps('keep')}
            />
            <SaveChanges changed={form.isDirty()} busy={save.isPending} />
          </Stack>
        </Panel>
      </form>
      <ConfirmModal
        opened={asked}
        title="Delete older events?"
        action="Save and delete"
        busy={save.isPending}
        onClose={() => setAsked(false)}
        onConfirm={() => save.mutate(form.values)}
      >
        Events will be kept for {choices.find(({ value }) => value === form.values.keep)?.label.toLowerCase()}. What is
        older is deleted, beginning within the hour, and reports about those days become empty. This cannot be undone.
      </ConfirmModal>
    </>
  );
}

function DeleteSite({ site }: { site: Site }) {
  const [asked, setAsked] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const restore = useRestoreSite();
  const remove = useMutation({
    mutationFn: () => request('DELETE', `/sites/${site.id}`),
    onSuccess: async () => {
      notifyUndo(`“${site.name}” deleted.`, () => restore.mutate(site.id));
      await navigate({ to: '/' });
      await queryClient.invalidateQueries({ queryKey: ['sites'] });
      await queryClient.invalidateQueries({ queryKey: ['deleted-sites'] });
    },
    onError: notifyFailed,
  });
  return (
    <Panel title="Delete this site">
      <Group justify="space-between" gap="md">
        <Text size="sm" c="dimmed" maw={420}>
          Its tag stops counting, its rules and messages stop, and its reports are gone from here. For{' '}
          {limits.deletedSiteDays} days it can be restored.
        </Text>
        <Button variant="outline" color="red.9" className={classes.danger} onClick={() => setAsked(true)}>
          Delete site…
        </Button>
      </Group>
      <ConfirmModal
        opened={asked}
        title={`Delete “${site.name}”?`}
        action="Delete site"
        typed={site.name}
        busy={remove.isPending}
        onClose={() => setAsked(false)}
        onConfirm={() => remove.mutate()}
      >
        Events of this site are no longer accepted, its rules, mails and webhooks stop at once, and its reports can no
        longer be opened. After {limits.deletedSiteDays} days its events and leads are erased for good; until then you
        can restore it, but what came due meanwhile is not sent.
      </ConfirmModal>
    </Panel>
  );
}
