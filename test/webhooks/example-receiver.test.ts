import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createAddressGuard } from '../../collector/webhooks/address-guard.ts';
import { sampleAbandonment } from '../../collector/webhooks/events.ts';
import { guardedPost } from '../../collector/webhooks/guarded-post.ts';
import { signedHeaders } from '../../collector/webhooks/signature.ts';

const example = fileURLToPath(new URL('../../examples/webhook-receiver.mjs', import.meta.url));
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

async function startExample() {
  const child: ChildProcess = spawn(process.execPath, [example], {
    env: { ...process.env, WEBHOOK_SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  if (!child.stdout) throw new Error('no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => String((await lines.next()).value);
  return { url: (await nextLine()).replace('listening on ', ''), nextLine };
}

test('the example receiver takes a signed message once, and refuses one with a wrong signature', async () => {
  const { url, nextLine } = await startExample();
  const send = (type: string, id: string, key: string) => {
    const data = sampleAbandonment('abc', '2026-09-01T12:00:00.000Z');
    const body = JSON.stringify({ type, timestamp: data.occurredAt, data });
    const headers = signedHeaders({ id, body, secrets: [key], nowMs: Date.now() });
    return guardedPost({ url, headers, body, guard: createAddressGuard(['127.0.0.1/32']) });
  };
  const stranger = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
  expect((await send('abandonment.created', 'msg_1', stranger)).status).toBe(401);
  expect((await send('abandonment.created', 'msg_1', secret)).status).toBe(204);
  expect(await nextLine()).toBe('write to ana@example.com: https://example.com/book?booking=b-1042');
  // The answer of the first attempt was lost, say: the second one prints nothing.
  expect((await send('abandonment.created', 'msg_1', secret)).status).toBe(204);
  expect((await send('abandonment.recovered', 'msg_2', secret)).status).toBe(204);
  expect(await nextLine()).toBe('stop writing about cas_sample');
});
