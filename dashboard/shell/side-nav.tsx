import { Menu, SegmentedControl, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconChartAreaLine,
  IconCheck,
  IconCode,
  IconCoins,
  IconDropletDown,
  IconFilter,
  IconGavel,
  IconPlus,
  IconRoute,
  IconScale,
  IconSelector,
  IconSettings,
  IconTarget,
  IconUsers,
  IconWebhook,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Site } from '../../collector/contract/manage.ts';
import { request } from '../api/client.ts';
import { meQuery, sitesQuery } from '../api/queries.ts';
import { Mark } from './mark.tsx';
import classes from './side-nav.module.css';

const groups = [
  {
    name: 'Website',
    screens: [
      { to: '/sites/$site/overview', name: 'Overview', Icon: IconChartAreaLine },
      { to: '/sites/$site/funnels', name: 'Funnels', Icon: IconFilter },
      { to: '/sites/$site/paths', name: 'Paths', Icon: IconRoute },
      { to: '/sites/$site/goals', name: 'Goals', Icon: IconTarget },
      { to: '/sites/$site/leaks', name: 'Leaks', Icon: IconDropletDown },
    ],
  },
  {
    name: 'Leads',
    screens: [
      { to: '/sites/$site/leads', name: 'Leads', Icon: IconUsers },
      { to: '/sites/$site/week', name: 'This week', Icon: IconScale },
      { to: '/sites/$site/roi', name: 'Source ROI', Icon: IconCoins },
      { to: '/sites/$site/house', name: 'Rules of the house', Icon: IconGavel },
    ],
  },
  {
    name: 'Set up',
    screens: [
      { to: '/sites/$site/webhooks', name: 'Webhooks', Icon: IconWebhook },
      { to: '/sites/$site/install', name: 'Install', Icon: IconCode },
      { to: '/sites/$site/settings', name: 'Settings', Icon: IconSettings },
    ],
  },
] as const;

/** Site switcher, screens, account. */
export function SideNav({ site, inDrawer = false }: { site: Site; inDrawer?: boolean }) {
  return (
    <div className={classes.nav}>
      {inDrawer ? null : (
        <Link to="/" className={classes.brand}>
          <Mark /> Telltale
        </Link>
      )}
      <SiteSwitcher site={site} />
      <nav aria-label="Screens" className={classes.screens}>
        {groups.map((group) => (
          <section key={group.name} aria-label={group.name} className={classes.group}>
            <span className={classes.groupName} aria-hidden="true">
              {group.name}
            </span>
            {group.screens.map(({ to, name, Icon }) => (
              <Link
                key={to}
                to={to}
                params={{ site: site.id }}
                className={classes.link}
                activeProps={{ 'data-active': true }}
              >
                <Icon size={18} stroke={1.6} aria-hidden="true" />
                {name}
                {to === '/sites/$site/install' && site.firstEventAt === null ? (
                  <span className={classes.note}>waiting</span>
                ) : null}
              </Link>
            ))}
          </section>
        ))}
      </nav>
      <Account />
    </div>
  );
}

function SiteSwitcher({ site }: { site: Site }) {
  const { data } = useQuery(sitesQuery());
  const navigate = useNavigate();
  return (
    <Menu width="target" position="bottom-start">
      <Menu.Target>
        <UnstyledButton className={classes.switcher}>
          <span className={classes.switcherName}>{site.name}</span>
          <span className={classes.switcherHint}>{site.domains[0]}</span>
          <IconSelector size={16} className={classes.switcherIcon} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Sites</Menu.Label>
        {(data?.items ?? [site]).map((one) => (
          <Menu.Item
            key={one.id}
            leftSection={one.id === site.id ? <IconCheck size={15} /> : <span className={classes.gap} />}
            onClick={() =>
              void navigate({ to: '/sites/$site/overview', params: { site: one.id }, search: { f: undefined } })
            }
          >
            {one.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconPlus size={15} />} onClick={() => void navigate({ to: '/new-site' })}>
          Add a site
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Account() {
  const { data: me } = useQuery(meQuery());
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const signOut = async () => {
    await request('POST', '/logout').catch(() => undefined);
    queryClient.clear();
    await navigate({ to: '/sign-in' });
  };
  return (
    <div className={classes.account}>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="Colours"
        value={colorScheme}
        onChange={(value) => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
        data={[
          { value: 'auto', label: 'System' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
      <div className={classes.who}>
        <Text size="xs" c="dimmed" truncate title={me?.user.email ?? ''}>
          {me?.user.email ?? ' '}
        </Text>
        <UnstyledButton className={classes.signOut} onClick={() => void signOut()}>
          Sign out
        </UnstyledButton>
      </div>
    </div>
  );
}
