import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Site } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { sitesQuery } from '../../api/queries.ts';
import { FailedAttempt } from '../../ui/failed-attempt.tsx';
import { TimezoneSelect } from '../../ui/timezone-select.tsx';
import { Door } from '../sign-in/door.tsx';
import { DeletedSites } from './deleted-sites.tsx';

/** A domain and a time zone are all a site needs. */
export function NewSiteScreen() {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const sites = useQuery(sitesQuery());
  const form = useForm({
    initialValues: { domain: '', timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    validate: {
      domain: (text) => (/[a-z0-9]/i.test(text) ? null : 'Write the domain of your website, such as example.com.'),
    },
  });
  const add = useMutation({
    mutationFn: (body: typeof form.values) => request<Site>('POST', '/sites', { body }),
    onSuccess: async (site) => {
      await queryClient.invalidateQueries({ queryKey: ['sites'] });
      await queryClient.fetchQuery({ ...sitesQuery(), staleTime: 0 });
      await navigate({ to: '/sites/$site/install', params: { site: site.id } });
    },
  });
  const isFirst = sites.data?.items.length === 0;
  return (
    <Door
      title={isFirst ? 'Add your website' : 'Add a site'}
      lead="Next you get one line to paste into it."
      below={<DeletedSites />}
    >
      <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
        <Stack gap="md">
          <FailedAttempt of={add} />
          <TextInput
            label="Domain"
            description="Sub-domains are included. Use localhost to try it on your own machine."
            placeholder="example.com"
            autoComplete="off"
            required
            withAsterisk={false}
            {...form.getInputProps('domain')}
          />
          <TimezoneSelect
            description="A day in your reports begins at midnight here."
            value={form.values.timezone}
            onChange={(timezone) => form.setFieldValue('timezone', timezone)}
          />
          <Group justify="space-between">
            {isFirst ? (
              <span />
            ) : (
              <Anchor component={Link} to="/" size="sm">
                Back
              </Anchor>
            )}
            <Button type="submit" loading={add.isPending}>
              Add site
            </Button>
          </Group>
        </Stack>
      </form>
    </Door>
  );
}
