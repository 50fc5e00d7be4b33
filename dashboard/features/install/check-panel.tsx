import { Alert, Anchor, Button, Group, Stack, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { InstallCheck, InstallStepState } from '../../../collector/contract/install.ts';
import { ApiError, request } from '../../api/client.ts';
import { installCheckQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { errorText } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { checkSentences, stateWords, stepNames, stepWords } from './check-words.ts';
import { pageToTest } from './data.ts';
import { FoundOnPage } from './found-on-page.tsx';
import classes from './install.module.css';
import { stateIcons } from './state-icons.tsx';

const route = getRouteApi('/signed-in/sites/$site/install');

/** Opens a page of the site in this browser, and follows what becomes of its page view. */
export function CheckPanel() {
  const site = useSite();
  const { check: token } = route.useSearch();
  const navigate = route.useNavigate();
  const queryClient = useQueryClient();
  const check = useQuery({ ...installCheckQuery(site.id, token ?? ''), enabled: token !== undefined });
  const [url, setUrl] = useState(() => pageToTest(site));
  const start = useMutation({
    mutationFn: () => request<InstallCheck>('POST', `/sites/${site.id}/install/check`, { body: { url: url.trim() } }),
    onSuccess: async (started) => {
      queryClient.setQueryData(installCheckQuery(site.id, started.token).queryKey, started);
      openTab(started.openUrl);
      await navigate({ search: (old) => ({ ...old, check: started.token }), replace: true });
    },
  });
  const isOver = check.error instanceof ApiError && check.error.status === 404;
  return (
    <>
      <Panel title="2. Test it">
        <Stack gap="md">
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              start.mutate();
            }}
          >
            <Group align="flex-end" gap="sm">
              <TextInput
                className={classes.address}
                label="A page of your website"
                description="It opens in a new tab, in this browser, and is followed from there to your reports."
                type="url"
                value={url}
                maxLength={2048}
                error={start.isError ? errorText(start.error) : undefined}
                onChange={(event) => setUrl(event.currentTarget.value)}
              />
              <Button type="submit" loading={start.isPending}>
                {check.data ? 'Test again' : 'Test the installation'}
              </Button>
            </Group>
          </form>
          {check.data ? <Steps check={check.data} /> : null}
          {isOver ? <Alert>This test is over. Start a new one.</Alert> : null}
          {check.isError && !isOver && !check.data ? <Alert role="alert">{errorText(check.error)}</Alert> : null}
        </Stack>
      </Panel>
      {check.data?.found ? <FoundOnPage found={check.data.found} offers={check.data.offers} /> : null}
    </>
  );
}

/**
 * TRICKY: a link, not `window.open`: with `noreferrer` the page does not hear of the dashboard, which would become the source of the
 * visit. A browser that stops it as a pop-up leaves the link below.
 */
function openTab(url: string): void {
  const link = Object.assign(document.createElement('a'), { href: url, target: '_blank', rel: 'noopener noreferrer' });
  link.click();
}

function Steps({ check }: { check: InstallCheck }) {
  const icon = check.state === 'ok' ? 'ok' : check.state === 'waiting' ? 'waiting' : 'problem';
  return (
    <Stack gap="sm">
      <div className={classes.status} data-state={icon} role="status">
        {stateIcons[icon]}
        <div>
          <Text fw={550}>{checkSentences[check.state]}</Text>
          {check.state === 'ok' ? null : (
            <Text size="sm">
              No tab opened?{' '}
              <Anchor href={check.openUrl} target="_blank" rel="noopener noreferrer" inherit>
                Open the page by hand.
              </Anchor>
            </Text>
          )}
        </div>
      </div>
      <ol className={classes.steps} aria-label="Steps of the test">
        {check.steps.map((step) => (
          <Step key={step.step} step={step} />
        ))}
      </ol>
    </Stack>
  );
}

function Step({ step }: { step: InstallStepState }) {
  const { what, todo } = stepWords(step);
  return (
    <li className={classes.step} data-state={step.state}>
      {stateIcons[step.state]}
      <div className={classes.what}>
        <Text fw={550} size="sm">
          {stepNames[step.step]} <VisuallyHidden>({stateWords[step.state]})</VisuallyHidden>
        </Text>
        <Text size="sm">{what}</Text>
        {todo ? (
          <Text size="sm" className={classes.todo}>
            {todo}
          </Text>
        ) : null}
      </div>
    </li>
  );
}
