// Calls that are under way, and those that were, as the console shows them and acts on them.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startCall } from './calls.mjs';
import { signedIn, startBrowser } from './console.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

const LINKS = {
  room: 'https://app.example/rooms/{room}',
  client: 'https://app.example/people/{client}',
  session: 'https://app.example/calls/{session}',
};
const idIn = (page) => new URL(page.url()).pathname.split('/').at(-1);
const firstLive = (page) => page.getByRole('row', { name: /Live/ }).first().getByRole('link').first();

describe('the console', () => {
  let daemon, browser;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
    browser = await startBrowser(suite);
    const { status } = await daemon.ask('PATCH', '/api/v1/projects/default', {
      settings: { links: LINKS },
    });
    assert.equal(status, 200);
  });

  const leadsAway = async (page, target) =>
    assert.equal(
      await page.getByRole('link', { name: 'Open in your application' }).getAttribute('href'),
      target,
    );

  test('from room to session to client and back, each with an address of its own', async (context) => {
    await startCall(context, daemon, 'udp');
    await startCall(context, daemon, 'tls', { room: 'interview', initiator_client: 'dora' });
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/rooms');
    const row = page.getByRole('row', { name: /standup/ });
    await row.getByText('bob').waitFor();
    await console.look('rooms');
    await row.getByRole('link', { name: 'standup' }).click();
    await console.heading('standup').waitFor();
    await firstLive(page).waitFor();
    await leadsAway(page, 'https://app.example/rooms/standup');
    await console.look('room');

    await firstLive(page).click();
    await console.heading(/^Session /).waitFor();
    const id = idIn(page);
    const { body } = await daemon.ask('GET', `/api/v1/sessions/${id}`);
    for (const text of [body.client_address, body.relayed_address, body.peers[0], body.credential_id]) {
      await page.getByText(text, { exact: true }).waitFor();
    }
    await leadsAway(page, `https://app.example/calls/${id}`);
    const chart = page.getByRole('img', { name: /^From the client [1-9].* kbit\/s/ });
    const before = await chart.getAttribute('aria-label');
    await daemon.until(async () => (await chart.getAttribute('aria-label')) !== before || undefined);
    await console.look('session');

    await page.getByRole('link', { name: 'alice' }).click();
    await console.heading('alice').waitFor();
    await page.getByRole('link', { name: 'standup' }).first().waitFor();
    await leadsAway(page, 'https://app.example/people/alice');
    await page.goBack();
    await console.heading(/^Session /).waitFor();
    await page.getByRole('link', { name: 'Clients', exact: true }).click();
    await page.getByRole('row', { name: /dora/ }).getByText('interview').waitFor();
  });

  test('sessions: searched, the search being in the address', async (context) => {
    await startCall(context, daemon, 'tcp', { room: 'searched', initiator_client: 'carol' });
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/sessions');
    await page.getByLabel('Client').fill('carol');
    await page.getByLabel('State').selectOption('live');
    await page.getByLabel('Started from').fill('2026-01-01');
    await page.getByLabel('Region').selectOption('This machine');
    await page.waitForURL(/state=live&.*region=local/);
    for (const part of ['client=carol', 'from=2026-01-01']) assert.ok(page.url().includes(part));
    const rows = page.locator('tbody tr');
    await rows.nth(1).waitFor();
    for (const row of await rows.all()) await row.getByText('searched').waitFor();
    await console.look('sessions');
    await page.getByLabel('Started until').fill('2026-01-02');
    await page.getByText('No session.').waitFor();
    await console.visit('/sessions?client=nobody');
    await page.getByText('No session.').waitFor();
    assert.equal(await page.getByLabel('Client').inputValue(), 'nobody');
  });

  test('a session is ended, and a credential revoked, after a question', async (context) => {
    const { ends } = await startCall(context, daemon, 'udp', { room: 'ending' });
    const refresh = async () =>
      (await Promise.all(ends.map((end) => end.refresh(600)))).map(({ errorCode }) => errorCode ?? 0);
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/rooms/ending');
    await firstLive(page).click();
    await page.getByRole('button', { name: 'End session' }).click();
    await console.look('session_end');
    await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
    await page.getByText('Ended by hand').first().waitFor();
    assert.deepEqual((await refresh()).sort(), [0, 437]);
    await console.look('session_ended');

    await page.getByRole('button', { name: 'Revoke credential' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke credential' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(await refresh(), [437, 437]);
  });

  test('a room is closed by revoking its credentials, and found among past ones', async (context) => {
    const { ends } = await startCall(context, daemon, 'udp', { room: 'closed' });
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/rooms/closed');
    await firstLive(page).waitFor();
    await page.getByRole('button', { name: 'Revoke credentials' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke credentials' }).click();
    await page.getByText('Credential revoked').nth(1).waitFor();
    assert.equal((await ends[0].refresh(600)).errorCode, 437);

    await console.visit('/rooms');
    await page.getByRole('link', { name: 'The last 30 days' }).click();
    await page.getByRole('row', { name: /closed/ }).waitFor();
    await console.look('rooms_past');
    await page.getByLabel('Find a room by its name').fill('closed');
    await page.keyboard.press('Enter');
    await console.heading('closed').waitFor();
  });

  test('a token that may only look is not offered to end anything', async (context) => {
    await startCall(context, daemon, 'udp', { room: 'watched' });
    const { body } = await daemon.post('/api/v1/tokens', { name: 'looks', scopes: ['sessions:read'] });
    const console = await signedIn(context, daemon, { browser, token: body.token });
    await console.visit('/rooms/watched');
    await firstLive(console.page).click();
    await console.heading(/^Session /).waitFor();
    await console.page.getByRole('img', { name: /bit\/s/ }).waitFor();
    assert.equal(await console.page.getByRole('button', { name: /End|Revoke/ }).count(), 0);
  });
});
