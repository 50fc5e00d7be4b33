import { Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Page } from '../../shell/page.tsx';
import { useSite } from '../../shell/use-site.ts';
import { CopyField } from '../../ui/copy-field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { CheckPanel } from './check-panel.tsx';
import { scriptTag } from './data.ts';
import classes from './install.module.css';
import { LatestEvents } from './latest-events.tsx';

/** The tag, where it goes, and proof that it works. */
export function InstallScreen() {
  const site = useSite();
  return (
    <Page title="Install" lead="One line, and nothing else to configure." aside={<WhereNext />}>
      <div className={classes.columns}>
        <Stack gap="lg">
          <TagPanel />
          <div className={classes.last}>
            <LatestEvents />
          </div>
        </Stack>
        <Stack gap="lg">
          <CheckPanel key={site.id} />
        </Stack>
      </div>
    </Page>
  );
}

function WhereNext() {
  const site = useSite();
  const navigate = useNavigate();
  if (site.firstEventAt === null) return null;
  return (
    <Group>
      <Button
        variant="default"
        onClick={() => void navigate({ to: '/sites/$site/funnels', params: { site: site.id } })}
      >
        Build a funnel
      </Button>
      <Button onClick={() => void navigate({ to: '/sites/$site/overview', params: { site: site.id } })}>
        See the overview
      </Button>
    </Group>
  );
}

function TagPanel() {
  const site = useSite();
  return (
    <Panel title="1. Paste this tag into your website">
      <Stack gap="md">
        <CopyField value={scriptTag(window.location.origin, site.id)} label="tag" />
        <Tabs defaultValue="html" keepMounted={false}>
          <Tabs.List aria-label="Where to paste it">
            <Tabs.Tab value="html">HTML</Tabs.Tab>
            <Tabs.Tab value="gtm">Tag Manager</Tabs.Tab>
            <Tabs.Tab value="wordpress">WordPress</Tabs.Tab>
            <Tabs.Tab value="apps">React, Vue</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="html" pt="md">
            <Text size="sm">
              Paste it into the <code>&lt;head&gt;</code> of every page, best in the template that all pages share.
              Pages that change without reloading are recognised.
            </Text>
          </Tabs.Panel>
          <Tabs.Panel value="gtm" pt="md">
            <Text size="sm">
              In Google Tag Manager: Tags → New → Custom HTML, paste the tag, choose the trigger “All Pages”, save, and
              publish the container. Or import the container of <code>examples/google-tag-manager</code>.
            </Text>
          </Tabs.Panel>
          <Tabs.Panel value="wordpress" pt="md">
            <Text size="sm">
              Copy <code>examples/wordpress/telltale</code> to <code>wp-content/plugins</code>, activate it, and enter
              this address and the site id {site.id} under Settings → Telltale. It leaves administrators out and tells
              orders of WooCommerce. Then empty the page cache.
            </Text>
          </Tabs.Panel>
          <Tabs.Panel value="apps" pt="md">
            <Text size="sm">
              The tag in the page that the app starts from is enough. With calls in your code: see{' '}
              <code>examples/nextjs</code> and <code>examples/vue</code>, which use the package{' '}
              <code>telltale/tracker</code>.
            </Text>
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Panel>
  );
}
