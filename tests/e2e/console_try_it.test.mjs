// The console's own test of the relay, and what it says when that fails.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { makeTrustedCertificate } from './certificates.mjs';
import { signedIn, startBrowser } from './console.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

const RUN_MS = 60_000;
const WAYS = [/^stun:/, /^turn:.*transport=udp$/, /^turn:.*transport=tcp$/, /^turns:.*transport=tcp$/];

const runTest = async (console) => {
  await console.visit('/try-it');
  await console.page.getByRole('button', { name: 'Run the test' }).click();
  await console.page.getByRole('button', { name: 'Test again' }).waitFor({ timeout: RUN_MS });
  await console.page.locator('.try-summary:not(.busy)').waitFor();
  return console.page.locator('.try-url').evaluateAll((cards) =>
    cards.map((card) => ({
      url: card.dataset.url,
      tone: card.dataset.tone,
      text: card.querySelector('.try-text')?.textContent ?? '',
      figures: [...card.querySelectorAll('.figure-value')].map((each) => each.textContent),
    })),
  );
};

const summaryOf = (console) => console.page.locator('.try-summary').textContent();

describe('with a certificate that the browser trusts', () => {
  let daemon, browser;
  const suite = suiteContext();
  before(async () => {
    const trusted = await makeTrustedCertificate(suite);
    daemon = await startDaemon(suite, {
      'relay.tls.certificate': trusted.certificate,
      'relay.tls.private_key': trusted.privateKey,
    });
    browser = await startBrowser(suite, trusted.home);
  });

  test('a call gets through over UDP, TCP and TLS, and is measured', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const ways = await runTest(console);
    assert.equal(ways.length, WAYS.length);
    for (const [index, { url, tone, figures }] of ways.entries()) {
      assert.match(url, WAYS[index]);
      assert.equal(tone, 'good', url);
      if (index === 0) continue;
      const [candidate, connected, roundTrip, loss] = figures;
      for (const time of [candidate, connected, roundTrip]) assert.match(time, /^[\d.]+ ms$/, url);
      assert.equal(loss, '0 %', url);
    }
    assert.match(await summaryOf(console), /gets through.*UDP, TCP, TLS/);
    await console.page.getByText('What the browser saw').nth(1).click();
    await console.page
      .getByText(/^relay udp 127\.0\.0\.1:/)
      .first()
      .waitFor();
    await console.look('try_it');
  });

  test('by the keyboard alone', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    await console.visit('/try-it');
    const button = console.page.getByRole('button', { name: 'Run the test' });
    await button.waitFor();
    for (let presses = 0; presses < 30; ++presses) {
      await console.page.keyboard.press('Tab');
      if (await button.evaluate((element) => element === document.activeElement)) break;
    }
    await console.page.keyboard.press('Enter');
    await console.page
      .getByRole('status')
      .getByText('A call from this browser')
      .waitFor({ timeout: RUN_MS });
  });
});

describe('what fails is explained', () => {
  test('a certificate that the browser does not trust', async (context) => {
    const console = await signedIn(context, await startDaemon(context));
    const ways = await runTest(console);
    const tls = ways.find(({ url }) => url.startsWith('turns:'));
    assert.equal(tls.tone, 'bad');
    assert.match(tls.text, /a self-signed one, which a fresh node has, is accepted by no browser/);
    assert.match(await summaryOf(console), /gets through.*works over UDP, TCP;/);
    await console.look('try_it_failing');
  });

  test('a quota that is used up', async (context) => {
    const daemon = await startDaemon(context, { 'relay.limits.allocations_per_credential_max': 1 });
    const console = await signedIn(context, daemon);
    const ways = await runTest(console);
    const udp = ways.find(({ url }) => url.endsWith('transport=udp'));
    assert.equal(udp.tone, 'bad');
    assert.match(udp.text, /The quota is used up/);
    assert.match(await summaryOf(console), /does not get through/);
  });

  test('a token that may not issue credentials', async (context) => {
    const daemon = await startDaemon(context);
    const { body } = await daemon.post('/api/v1/tokens', { name: 'reader', scopes: ['sessions:read'] });
    const console = await signedIn(context, daemon, { token: body.token });
    await console.visit('/try-it');
    await console.page.getByRole('button', { name: 'Run the test' }).click();
    await console.page.getByRole('alert').getByText('ice:issue').waitFor();
    console.expectFaults(/403/);
  });
});
