import { createTransport } from 'nodemailer';
import type { WebhookMessage } from '../contract/webhooks.ts';
import type { State } from '../state/database.ts';
import { attemptDeadlineMs, type PostResult } from './guarded-post.ts';
import type { MailPlace } from './lead-mail-text.ts';
import { mailText } from './mail-text.ts';

export interface MailSettings {
  /** `smtp://` or `smtps://`, with user and password where the server asks for them. */
  smtpUrl: string;
  from: string;
  /** Empty: the owners of the installation, as they are at the moment of sending. */
  to: readonly string[];
}

export interface Mailer {
  /** Sends one message as a mail. `id` is the same over all attempts. Never throws: a failure is a result. */
  send(message: WebhookMessage<unknown>, id: string): Promise<PostResult>;
  /** Who would get it now. */
  recipients(): Promise<string[]>;
  close(): void;
}

/** What nodemailer throws. */
interface SmtpError {
  message: string;
  code?: string;
  responseCode?: number;
  response?: string;
}

export function createMailer(
  settings: MailSettings,
  { state, now, publicUrl }: { state: State; now: () => number; publicUrl: string | null },
): Mailer {
  const transport = createTransport({
    url: settings.smtpUrl,
    // Texts come from what visitors do: nothing in them may name a file or an address to read.
    disableFileAccess: true,
    disableUrlAccess: true,
    connectionTimeout: attemptDeadlineMs,
    greetingTimeout: attemptDeadlineMs,
    socketTimeout: attemptDeadlineMs,
  });

  const recipients = async (): Promise<string[]> => {
    if (settings.to.length > 0) return [...settings.to];
    const owners = await state.db.selectFrom('users').select('email').where('role', '=', 'owner').execute();
    return owners.map(({ email }) => email);
  };

  /** The site that a message is about; its own words where that is gone. */
  const placeOf = async ({ data }: WebhookMessage<unknown>): Promise<MailPlace> => {
    const { site = '' } = data as { site?: string };
    const known = await state.db
      .selectFrom('sites')
      .select(['name', 'timezone'])
      .where('public_id', '=', site)
      .executeTakeFirst();
    return { siteName: known?.name ?? site, timezone: known?.timezone ?? 'UTC', publicUrl };
  };

  return {
    recipients,
    async send(message, id) {
      const startedMs = now();
      const result = (error: string | null, response: string, timedOut = false): PostResult => ({
        status: null,
        error,
        timedOut,
        ms: now() - startedMs,
        response,
        retryAfterMs: undefined,
      });
      const mail = mailText(message, await placeOf(message));
      if (!mail) return result(`A message of the type ${message.type} is not sent by mail.`, '');
      const { subject, text } = mail;
      const to = mail.to === undefined ? await recipients() : [mail.to];
      if (to.length === 0) return result('There is nobody to send mail to. Add an owner, or set TELLTALE_MAIL_TO.', '');
      let timer: NodeJS.Timeout | undefined;
      const tooLate = new Promise<null>((resolve) => {
        timer = setTimeout(resolve, attemptDeadlineMs, null);
      });
      try {
        const sent = await Promise.race([
          transport.sendMail({
            from: settings.from,
            to,
            subject,
            text,
            // The same over all attempts, so that a mail program can tell a repetition.
            messageId: `<${id}@telltale>`,
            headers: { 'auto-submitted': 'auto-generated' },
          }),
          tooLate,
        ]);
        return sent === null
          ? result(`The mail server did not answer within ${attemptDeadlineMs / 1000} s.`, '', true)
          : result(null, String(sent.response ?? ''));
      } catch (error) {
        const { response, message: words, code, responseCode } = error as SmtpError;
        return {
          ...result(`The mail server refused it: ${words}`, response ?? ''),
          // Nobody has this address. One that is mistyped must not hold up the mails to all others.
          ...(code === 'EENVELOPE' && (responseCode ?? 0) >= 500 ? { isHopeless: true } : {}),
        };
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => transport.close(),
  };
}
