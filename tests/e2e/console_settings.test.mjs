// The pages on which an operator changes what is kept, and the map.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { signedIn, startBrowser } from './console.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

let daemon, browser;

describe('the console', () => {
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
    browser = await startBrowser(suite);
  });

  test('tokens: created with the secret shown once, then revoked', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('backend');
    await page.getByLabel('usage:read').check();
    await console.look('tokens_new');
    await page.getByRole('button', { name: 'Create' }).click();
    const secret = await page.locator('.secret code').textContent();
    assert.match(secret, /^tnx_/);
    assert.equal(
      (await daemon.post('/api/v1/credentials/ice', {}, { authorization: `Bearer ${secret}` })).status,
      200,
    );
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('row', { name: /backend/ }).waitFor();
    assert.ok(!(await page.content()).includes(secret));
    await console.look('tokens');

    await page.getByRole('button', { name: 'Revoke backend' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page
      .getByRole('row', { name: /backend/ })
      .getByText('Valid')
      .waitFor();
    await page.getByRole('button', { name: 'Revoke backend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page
      .getByRole('row', { name: /backend/ })
      .getByText('Revoked')
      .waitFor();
    const refused = await daemon.post(
      '/api/v1/credentials/ice',
      {},
      { authorization: `Bearer ${secret}` },
    );
    assert.equal(refused.status, 401);
  });

  test('tokens: for the whole organisation', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('everywhere');
    await page.getByRole('combobox', { name: /^For/ }).selectOption('the whole organisation');
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'I have it' }).click();
    await page
      .getByRole('row', { name: /everywhere/ })
      .getByText('whole organisation')
      .waitFor();
  });

  test('tokens: rotated, with both secrets good meanwhile', async (context) => {
    const made = await daemon.post('/api/v1/tokens', { name: 'rotated', scopes: ['ice:issue'] });
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/tokens');
    await page.getByRole('button', { name: 'Rotate rotated' }).click();
    await page.getByLabel('The old one works for').selectOption('an hour');
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    const secret = await page.locator('.secret code').textContent();
    assert.notEqual(secret, made.body.token);
    for (const each of [secret, made.body.token]) {
      const { status } = await daemon.post(
        '/api/v1/credentials/ice',
        {},
        { authorization: `Bearer ${each}` },
      );
      assert.equal(status, 200);
    }
  });

  test('projects: made, changed, chosen and deleted; the audit log tells of it', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/projects');
    await page.getByRole('button', { name: 'New project' }).click();
    await page.getByLabel('Slug').fill('calls');
    await page.getByLabel('Time to live of a credential, s').fill('60');
    await page.getByLabel('A room').fill('https://app.example/rooms/{room}');
    await console.look('projects_new');
    await page.getByRole('button', { name: 'Create' }).click();
    const card = page.getByRole('region', { name: 'calls' });
    await card.getByText('1 min').waitFor();
    await card.getByRole('button', { name: 'Change calls' }).click();
    await page.getByLabel('Peers').selectOption('relays only');
    await page.getByRole('button', { name: 'Save' }).click();
    await card.getByText('relays').waitFor();
    await console.look('projects');

    await page.reload();
    await console.signIn(daemon.token);
    await page.getByLabel('Project', { exact: true }).selectOption('calls');
    const issued = page.waitForResponse((response) => response.url().endsWith('/credentials/ice'));
    await console.visit('/try-it');
    await page.getByRole('button', { name: 'Run the test' }).click();
    assert.equal(await (await issued).request().headerValue('x-project'), 'calls');

    await console.visit('/projects');
    await page.getByRole('button', { name: 'Delete calls' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await card.waitFor({ state: 'detached' });
    await console.visit('/audit');
    const row = page.getByRole('row', { name: /Delete.*\/projects\/calls/ });
    await row.getByText('Done').waitFor();
    await row.getByText('first token').waitFor();
    await console.look('audit');
  });

  test('a token sees the pages that its scopes allow', async (context) => {
    const { body } = await daemon.post('/api/v1/tokens', { name: 'issues', scopes: ['ice:issue'] });
    const console = await signedIn(context, daemon, { browser, token: body.token });
    await console.heading('Regions').waitFor();
    const links = console.page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link');
    assert.deepEqual(await links.allTextContents(), ['Regions', 'Try it']);
  });

  test('regions: on the map and in words', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    await console.visit('/regions');
    const row = console.page.locator('[data-region=local]');
    await row.getByText('Operational').waitFor();
    await row.click();
    await console.page.locator('.world .region.chosen').waitFor();
    await console.look('regions');
  });

  test('regions: where an address would be sent, and why', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/regions');
    await page.getByLabel('Its address').fill('203.0.113.7');
    await page.keyboard.press('Enter');
    await page.getByText('This machine: the nearest to this node').waitFor();
    await console.look('regions_explained');
    await page.getByLabel('Its address').fill('nowhere');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText(/address/).waitFor();
    console.expectFaults(/422/);
  });

  test('regions: drained after a question, and taken back', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    const issue = async () => (await daemon.post('/api/v1/credentials/ice', {})).status;
    await console.visit('/regions');
    const row = page.locator('[data-region=local]');
    await page.getByRole('button', { name: /^Drain/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click();
    await row.getByText('Takes no new sessions').waitFor();
    assert.equal(await issue(), 503);
    await console.look('regions_drained');
    await page.getByRole('button', { name: /^Take/ }).click();
    await row.getByText('Operational').waitFor();
    assert.equal(await issue(), 200);
  });

  test('an address that leads nowhere says so', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    await console.visit('/nowhere');
    await console.heading('Nothing here').waitFor();
  });

  test('navigation opens and closes on a narrow screen', async (context) => {
    const console = await signedIn(context, daemon, { browser, viewport: { width: 380, height: 700 } });
    await console.page.getByRole('button', { name: 'Menu' }).click();
    await console.page.getByRole('link', { name: 'Regions' }).click();
    await console.heading('Regions').waitFor();
    await console.page.getByRole('link', { name: 'Tokens' }).waitFor({ state: 'hidden' });
  });
});
