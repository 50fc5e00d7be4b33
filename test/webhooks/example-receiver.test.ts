import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAddressGuard } from '../../collector/webhooks/address-guard.ts';
import { sampleMessage } from '../../collector/webhooks/events.ts';
import { guardedPost } from '../../collector/webhooks/guarded-post.ts';
import { signedHeaders } from '../../collector/webhooks/signature.ts';

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const secret = secretOf(7);
const receivers = [
  { language: 'Node', command: process.execPath, file: 'webhook-receiver.mjs' },
  // Python 3.8 or later is needed to run the tests; the example needs no package.
  { language: 'Python', command: 'python3', file: 'webhook-receiver.py' },
];

interface Sending {
  type?: 'abandonment.created' | 'abandonment.recovered';
  id?: string;
  secrets?: string[];
  at?: number;
  /** Changes made on the way, after it was signed. */
  tampered?: { id?: string; body?: (body: string) => string };
}

function signed({ type = 'abandonment.created', id = 'msg_1', secrets = [secret], at = Date.now() }: Sending) {
  const body = JSON.stringify(sampleMessage(type, { site: 'abc', at: '2026-09-01T12:00:00.000Z' }));
  return { body, headers: signedHeaders({ id, body, secrets, nowMs: at }) };
}

function onTheWay(sending: Sending) {
  const { body, headers } = signed(sending);
  const { tampered } = sending;
  return {
    body: tampered?.body?.(body) ?? body,
    headers: { ...headers, ...(tampered?.id ? { 'webhook-id': tampered.id } : {}) },
  };
}

/** What every receiver must refuse: the test kit of the specification's own libraries. */
const forgeries: [string, Sending][] = [
  ['a message that is 301 seconds old', { at: Date.now() - 301_000 }],
  ['a message from ten minutes ahead', { at: Date.now() + 600_000 }],
  ['an altered body', { tampered: { body: (body) => body.replace('ana@', 'eve@') } }],
  ['an altered id', { tampered: { id: 'msg_2' } }],
  ['the secret of another endpoint', { secrets: [secretOf(8)] }],
];

describe.each(receivers)('the example receiver in $language', ({ command, file }) => {
  async function start() {
    const child: ChildProcess = spawn(command, [example(file)], {
      env: { ...process.env, WEBHOOK_SECRET: secret, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    if (!child.stdout) throw new Error('no output');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const nextLine = async () => String((await lines.next()).value);
    const url = (await nextLine()).replace('listening on ', '');
    const send = async (sending: Sending) =>
      (await guardedPost({ url, ...onTheWay(sending), guard: createAddressGuard(['127.0.0.1/32']) })).status;
    return { nextLine, send };
  }

  test('takes a signed message once, also while the secret is being changed', async () => {
    const { nextLine, send } = await start();
    expect(await send({ id: 'msg_1' })).toBe(204);
    expect(await nextLine()).toBe('write to ana@example.com: https://example.com/book?booking=b-1042');
    // The answer of the first attempt was lost, say: the second one prints nothing.
    expect(await send({ id: 'msg_1' })).toBe(204);
    expect(await send({ id: 'msg_2', type: 'abandonment.recovered', secrets: [secretOf(9), secret] })).toBe(204);
    expect(await nextLine()).toBe('stop writing about cas_sample');
  });

  test('refuses forged and old messages, and says nothing about them', async () => {
    const { nextLine, send } = await start();
    for (const [what, sending] of forgeries) expect([what, await send(sending)]).toEqual([what, 401]);
    await send({ type: 'abandonment.recovered' });
    expect(await nextLine()).toBe('stop writing about cas_sample');
  });
});

interface Workflow {
  nodes: { id: string; name: string; type: string; parameters: Record<string, unknown> }[];
  connections: Record<string, { main: { node: string }[][] }>;
}

describe('the n8n workflow', () => {
  const workflow = JSON.parse(readFileSync(example('n8n/abandoned-booking.json'), 'utf8')) as Workflow;
  const named = (name: string) => workflow.nodes.find((node) => node.name === name);

  /** Runs the code of its node as n8n does: inside an async function, with the item and the helpers of the node. */
  async function verify(sending: Sending): Promise<unknown> {
    const { body, headers } = onTheWay(sending);
    const code = String(named('Verify signature')?.parameters.jsCode).replace('whsec_PASTE_YOUR_SECRET', secret);
    const run = new Function('$input', 'require', `return (async function () { ${code} }).call(this);`);
    return run.call(
      { helpers: { getBinaryDataBuffer: async () => Buffer.from(body) } },
      { first: () => ({ json: { headers } }) },
      createRequire(import.meta.url),
    );
  }

  test('its steps are connected, each to one that exists, and the raw body is asked for', () => {
    const names = workflow.nodes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const targets = Object.values(workflow.connections).flatMap(({ main }) => main.flat().map(({ node }) => node));
    expect([...targets, ...Object.keys(workflow.connections)].filter((name) => !names.includes(name))).toEqual([]);
    // Every step but the first is reached from another one.
    expect(names.filter((name) => !targets.includes(name))).toEqual(['Telltale']);
    expect(named('Telltale')?.parameters).toMatchObject({ httpMethod: 'POST', options: { rawBody: true } });
  });

  test('no mail goes out without a question to Telltale just before', () => {
    const stepsBefore = (name: string) =>
      Object.entries(workflow.connections)
        .filter(([, { main }]) => main.flat().some(({ node }) => node === name))
        .map(([from]) => from);
    const mails = workflow.nodes.filter(({ type }) => type === 'n8n-nodes-base.emailSend');
    expect(mails).toHaveLength(2);
    for (const { name } of mails) {
      const [check = ''] = stepsBefore(name);
      const [question = ''] = stepsBefore(check);
      expect(named(check)?.type).toBe('n8n-nodes-base.if');
      expect(String(named(question)?.parameters.url)).toContain('/abandonments/');
    }
  });

  test('it names only fields that a message has', () => {
    const { data } = sampleMessage('abandonment.created', { site: 'abc', at: '2026-09-01T12:00:00.000Z' });
    const used = [...JSON.stringify(workflow).matchAll(/json\.data\.(\w+)/g)].map(([, field = '']) => field);
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((field) => !(field in data))).toEqual([]);
  });

  test('its code lets signed messages through, and forged and old ones not', async () => {
    expect(await verify({})).toMatchObject([{ json: { type: 'abandonment.created', data: { id: 'cas_sample' } } }]);
    expect(await verify({ secrets: [secretOf(9), secret] })).toHaveLength(1);
    for (const [, sending] of forgeries) await expect(verify(sending)).rejects.toThrow(/Too old|Not signed/);
  });
});
