import { Code, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { endpointsQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';

/** Whether people can be told by mail here, and what to do where they cannot. */
export function MailNote() {
  const site = useSite();
  const endpoints = useQuery(endpointsQuery(site.id));
  if (!endpoints.data) return null;
  const mail = endpoints.data.items.find(({ kind }) => kind === 'mail');
  return (
    <Text size="sm" c="dimmed" maw={620}>
      {mail?.enabled ? (
        'Mail is set up here: they get one, with a link to the lead.'
      ) : mail ? (
        'No mail goes out: E-mail is switched off under Webhooks.'
      ) : (
        <>
          No mail goes out, because no mail server is set up here: set <Code>TELLTALE_SMTP_URL</Code> and{' '}
          <Code>TELLTALE_MAIL_FROM</Code> at the server. Until then only webhooks tell of it.
        </>
      )}
    </Text>
  );
}
