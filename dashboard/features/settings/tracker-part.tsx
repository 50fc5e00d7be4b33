import { Select, Skeleton, Stack, Switch, TagsInput, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Site } from '../../../collector/contract/manage.ts';
import type { AutoEvent } from '../../../collector/contract/names.ts';
import { request } from '../../api/client.ts';
import { pinnedScriptQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { CopyField } from '../../ui/copy-field.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { pinnedTag, scriptTag } from '../install/data.ts';
import { autoEventWords, excludeProblem, toTrackerForm, toTrackerPatch } from './data.ts';
import { SaveChanges } from './save-changes.tsx';
import classes from './settings.module.css';

/** What the tracker does on the pages of the site. It comes with the script, so the tag stays as it is. */
export function TrackerPart() {
  const site = useSite();
  return (
    <Stack gap="lg" className={classes.narrow}>
      <TrackerFields key={site.id} site={site} />
      <Panel title="Tag">
        <CopyField value={scriptTag(window.location.origin, site.id)} label="tag" />
      </Panel>
      <PinnedTag site={site} />
    </Stack>
  );
}

function TrackerFields({ site }: { site: Site }) {
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: toTrackerForm(site),
    validate: { exclude: excludeProblem },
  });
  const save = useMutation({
    mutationFn: (values: typeof form.values) =>
      request<Site>('PATCH', `/sites/${site.id}`, { body: toTrackerPatch(values) }),
    onSuccess: async (saved) => {
      const values = toTrackerForm(saved);
      form.setValues(values);
      form.resetDirty(values);
      notifySaved('Saved. Pages follow within five minutes, as their copies of the script run out.');
      await queryClient.invalidateQueries();
    },
    onError: notifyFailed,
  });
  const checkbox = (name: string) => form.getInputProps(name, { type: 'checkbox' });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="lg">
        <Panel title="Events that need no code">
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              Page views and the time people spend on them are always counted. What is typed is never sent.
            </Text>
            {(Object.keys(autoEventWords) as AutoEvent[]).map((kind) => (
              <Switch
                key={kind}
                label={autoEventWords[kind].name}
                description={autoEventWords[kind].help}
                {...checkbox(`autoEvents.${kind}`)}
              />
            ))}
          </Stack>
        </Panel>
        <Panel title="Privacy">
          <Stack gap="lg">
            <Select
              label="Consent"
              description="Without consent, a visitor is known for one day and only by a hash that is thrown away."
              allowDeselect={false}
              data={[
                { value: 'none', label: 'Count everybody, without cookies until consent is given' },
                { value: 'required', label: 'Count nobody before consent is given' },
              ]}
              {...form.getInputProps('consent')}
            />
            <Switch
              label="Honour privacy signals"
              description="Browsers that send Global Privacy Control or Do Not Track are not counted at all."
              {...checkbox('honourPrivacySignals')}
            />
            <Switch
              label="Never keep an id in the browser"
              description="Not even after consent: who comes back tomorrow is somebody new."
              {...checkbox('cookieless')}
            />
          </Stack>
        </Panel>
        <Panel title="Pages">
          <Stack gap="lg">
            <TagsInput
              label="Paths that are not counted"
              description="As /admin/** for all below it, or /*/preview for one folder. Press Enter after each."
              {...form.getInputProps('exclude')}
            />
            <Switch
              label="What follows # is a page"
              description="For apps that keep their pages there, as /app#/settings."
              {...checkbox('hashRouting')}
            />
            <SaveChanges changed={form.isDirty()} busy={save.isPending} />
          </Stack>
        </Panel>
      </Stack>
    </form>
  );
}

function PinnedTag({ site }: { site: Site }) {
  const pinned = useQuery(pinnedScriptQuery());
  return (
    <Panel title="Tag with a fixed version">
      <Stack gap="md">
        <Text size="sm">
          The browser runs this script only if it is, letter by letter, the one of today: nobody can change what runs on
          your pages, but neither an update nor a change of the settings above arrives until you replace the tag.
        </Text>
        {pinned.data ? (
          <CopyField value={pinnedTag(window.location.origin, site, pinned.data)} label="tag with a fixed version" />
        ) : pinned.isError ? (
          <ErrorState error={pinned.error} onRetry={() => void pinned.refetch()} />
        ) : (
          <Skeleton height={64} />
        )}
      </Stack>
    </Panel>
  );
}
