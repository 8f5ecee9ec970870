// Webhooks in the console: made with the secret shown once, changed, what was delivered, and sent again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { signedIn } from './console.mjs';
import { onEnd, startDaemon } from './daemon.mjs';
import { TurnClient } from './turn_client.mjs';

/** A server that takes what is sent to /hook and refuses the rest: its address, and the events that came. */
const startReceiver = async (context) => {
  const events = [];
  const server = http.createServer((request, response) => {
    events.push(request.headers['turnix-event']);
    request.resume();
    response.writeHead(request.url === '/hook' ? 204 : 500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onEnd(context, () => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${server.address().port}`, events };
};

const oneSession = async (daemon) => {
  const credential = await daemon.credential({ room: 'demo' });
  const client = await TurnClient.connect(daemon.server('udp'), credential);
  await client.allocate();
  await client.refresh(0);
  client.close();
};

test('a webhook is made, is told of a session, told again, and deleted', async (context) => {
  const receiver = await startReceiver(context);
  const daemon = await startDaemon(context, { 'api.webhooks.allow_private_targets': true });
  const events = ['session.started', 'session.ended'];
  const url = `${receiver.address}/broken`;
  assert.equal((await daemon.post('/api/v1/webhooks', { url, events })).status, 201);
  const console = await signedIn(context, daemon);
  const { page } = console;
  await console.visit('/webhooks');
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByLabel('Address').fill(`${receiver.address}/hook`);
  await console.look('webhooks_new');
  await page.getByRole('button', { name: 'Create' }).click();
  assert.match(await page.locator('.secret code').textContent(), /^whsec_/);
  await page.getByRole('button', { name: 'I have it' }).click();
  const row = page.getByRole('row', { name: /\/hook/ });
  await row.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('session.started').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await row.getByText('session.started').waitFor({ state: 'detached' });
  await console.look('webhooks');

  await oneSession(daemon);
  await page.getByRole('link', { name: '/hook' }).click();
  const delivery = page.getByRole('row', { name: /session\.ended/ });
  await delivery.getByText('Delivered').waitFor();
  receiver.events.length = 0;
  await delivery.getByRole('button', { name: 'Replay' }).click();
  await daemon.until(() => receiver.events.find((event) => event === 'session.ended'));

  await page.getByRole('link', { name: 'All webhooks' }).click();
  await page.getByRole('link', { name: '/broken' }).click();
  await page.getByText('next try').first().waitFor();
  await page.getByLabel('State').selectOption('under way');
  await page.waitForURL(/state=pending/);
  await page.getByRole('row', { name: /Under way/ }).nth(events.length - 1).waitFor();
  await console.look('webhook');

  await page.getByRole('link', { name: 'All webhooks' }).click();
  await page.getByRole('button', { name: /^Turn off .*hook/ }).click();
  await row.getByText('Off', { exact: true }).waitFor();
  for (const name of ['hook', 'broken']) {
    await page.getByRole('button', { name: new RegExp(`^Delete .*${name}`) }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('link', { name: `/${name}` }).waitFor({ state: 'detached' });
  }
  await page.getByText('No webhook yet.').waitFor();
});

test('a webhook to where the node does not go is refused in words', async (context) => {
  const daemon = await startDaemon(context);
  const console = await signedIn(context, daemon);
  await console.visit('/webhooks');
  await console.page.getByRole('button', { name: 'New webhook' }).click();
  await console.page.getByLabel('Address').fill('http://127.0.0.1/hook');
  await console.page.getByRole('button', { name: 'Create' }).click();
  await console.page.getByRole('alert').getByText(/https/).waitFor();
  console.expectFaults(/422/);
});
