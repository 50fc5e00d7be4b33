import { Container, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Mark } from '../../shell/mark.tsx';
import { Panel } from '../../ui/panel.tsx';

/** The page before the dashboard: mark, title, one form, and what else may be done here. */
export function Door({
  title,
  lead,
  below,
  children,
}: {
  title: string;
  lead: string;
  below?: ReactNode;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Telltale`;
  }, [title]);
  return (
    <Container size={440} py={{ base: 40, sm: 96 }} component="main">
      <Stack gap="xl">
        <Stack gap="sm">
          <Mark size={44} />
          <Title order={1}>{title}</Title>
          <Text c="dimmed">{lead}</Text>
        </Stack>
        <Panel>{children}</Panel>
        {below}
      </Stack>
    </Container>
  );
}
