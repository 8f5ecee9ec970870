// What the console says and does when something fails, and when there is more than it shows.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { signedIn, startBrowser } from './console.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

describe('the console, when something fails', () => {
  let daemon, browser;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
    browser = await startBrowser(suite);
  });

  const tokensNamed = async (wanted) => {
    const { body } = await daemon.ask('GET', '/api/v1/tokens?limit=100');
    return body.items.filter(({ name }) => name === wanted);
  };

  test('a form waits, and what was done unheard is not done again', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('once');
    await page.getByLabel('Expires').selectOption('in a week');
    const create = page.getByRole('dialog').getByRole('button', { name: 'Create' });

    let loseAnswer;
    const isLost = new Promise((resolve) => {
      loseAnswer = resolve;
    });
    await page.route(
      '**/api/v1/tokens',
      async (route) => {
        await route.fetch();
        await isLost;
        await route.abort();
      },
      { times: 1 },
    );
    await create.click();
    await page.waitForFunction(() => document.querySelector('dialog [type=submit]').disabled);
    await page.getByLabel('Name').press('Enter');
    loseAnswer();
    await page.getByRole('alert').getByText('The node does not answer').waitFor();
    console.expectFaults(/ERR_FAILED/);

    await create.click();
    await page.locator('.secret code').waitFor();
    assert.equal((await tokensNamed('once')).length, 1);
  });

  test('a refusal comes with the request that the log knows', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    const answered = page.waitForResponse(/\/sessions\?from=/);
    await console.visit('/sessions?from=yesterday');
    const { error } = await (await answered).json();
    const alert = page.getByRole('alert');
    await alert.getByText(error.message).waitFor();
    for (const text of [error.param, error.request_id]) {
      await alert.getByText(text, { exact: true }).waitFor();
    }
    await console.look('refused');
    console.expectFaults(/422/);
  });

  test('a list of the overview that cannot be read says so', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    const error = { code: 'unavailable', message: 'The store is away.', request_id: 'r-1' };
    await page.route('**/sessions?state=ended*', (route) =>
      route.fulfill({ status: 503, json: { error } }),
    );
    await page.getByRole('region', { name: 'Ended last' }).getByText('The store is away.').waitFor();
    console.expectFaults(/503/);
  });

  test('a secret that may not be copied', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('copied');
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    // As on a page that came over plain HTTP from another machine.
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.getByRole('button', { name: 'Copy the secret' }).click();
    await page.getByRole('alert').getByText('mark the text').waitFor();
  });

  test('every project can be chosen, however many pages they fill', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    const pageOf = (slugs, next_cursor) => ({ items: slugs.map((slug) => ({ slug })), next_cursor });
    await page.route('**/api/v1/projects?*', (route) =>
      route.fulfill({
        json: route.request().url().includes('cursor=')
          ? pageOf(['last'], null)
          : pageOf(['default', 'calls'], 'more'),
      }),
    );
    await page.getByRole('button', { name: 'Sign out' }).click();
    await console.signIn(daemon.token);
    await page.getByLabel('Project', { exact: true }).selectOption('last');
  });
});
