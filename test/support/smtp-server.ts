import { type AddressInfo, createServer } from 'node:net';

export interface SmtpServer {
  url: string;
  /** Mails as they came over the wire: envelope and text. */
  mails: { from: string; to: string[]; text: string }[];
  /** Answers the next mail with this instead of taking it. */
  refuse(answer: string): void;
  /** From here on nobody has this address. */
  refuseAddress(address: string): void;
  close(): Promise<void>;
}

/** A mail server on the loopback address that takes everything, as little of RFC 5321 as a client needs. */
export async function openSmtpServer(): Promise<SmtpServer> {
  const mails: SmtpServer['mails'] = [];
  let refusal: string | undefined;
  const unknown = new Set<string>();
  const server = createServer((socket) => {
    let mail = { from: '', to: [] as string[], text: '' };
    let isData = false;
    let rest = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    socket.on('error', () => undefined);
    say('220 mail.example ESMTP');
    socket.on('data', (chunk: Buffer) => {
      rest += chunk.toString('utf8');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (isData && line === '.') {
          isData = false;
          if (refusal === undefined) mails.push(mail);
          say(refusal ?? '250 taken');
          refusal = undefined;
          mail = { from: '', to: [], text: '' };
        } else if (isData) mail.text += `${line}\n`;
        else if (/^(EHLO|HELO)/i.test(line)) say('250 mail.example');
        else if (/^MAIL FROM:/i.test(line)) {
          mail.from = line.slice(10);
          say('250 ok');
        } else if (/^RCPT TO:/i.test(line)) {
          const address = line.slice(8).replace(/[<>]/g, '');
          if (!unknown.has(address)) mail.to.push(address);
          say(unknown.has(address) ? '550 no such user' : '250 ok');
        } else if (/^DATA/i.test(line)) {
          isData = true;
          say('354 go on');
        } else if (/^QUIT/i.test(line)) {
          say('221 bye');
          socket.end();
        } else say('250 ok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}?ignoreTLS=true`,
    mails,
    refuse: (answer) => {
      refusal = answer;
    },
    refuseAddress: (address) => {
      unknown.add(address);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
