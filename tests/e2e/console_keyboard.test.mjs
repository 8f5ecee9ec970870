// The console by the keyboard alone: whatever the mouse reaches, Tab reaches too, and shows where it is.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startCall } from './calls.mjs';
import { NARROW, signedIn, startBrowser } from './console.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

const STOPS_MAX = 200;
/** Radio buttons of one group are one stop, and so are the tabs of a list: arrows go on from there. */
const CONTROLS =
  'a[href], button, input:not([type=radio]), select, textarea, summary, [tabindex]:not([tabindex="-1"])';

/** What can be operated and seen: each as the words that name it. */
const controlsOf = (page) =>
  page.evaluate(
    (selector) =>
      [...document.querySelectorAll(selector)]
        .filter((each) => !each.disabled && each.checkVisibility() && each.tabIndex >= 0)
        .map((each, index) => {
          each.dataset.stop = String(index);
          return each.outerHTML.slice(0, 120);
        }),
    CONTROLS,
  );

/** Puts the focus before everything, where it is when a page has just been loaded. */
const startAtTop = (page) =>
  page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });

/** Presses Tab until the focus has gone around: the numbers of the controls that it came by. */
const tabThrough = async (page) => {
  const reached = new Set();
  let last;
  await startAtTop(page);
  for (let stops = 0; stops < STOPS_MAX; ++stops) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
      return {
        stop: document.activeElement.dataset?.stop,
        isShown: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none',
        html: document.activeElement.outerHTML.slice(0, 120),
      };
    });
    if (at.stop === undefined) continue;
    if (at.stop === last) continue; // a date has several stops, which the browser itself shows
    assert.ok(at.isShown, `nothing shows that the focus is on ${at.html}`);
    if (reached.has(at.stop)) break;
    reached.add(at.stop);
    last = at.stop;
  }
  return reached;
};

describe('by the keyboard alone', () => {
  let daemon, browser;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
    browser = await startBrowser(suite);
  });

  test('every control of every page', async (context) => {
    await startCall(context, daemon, 'udp');
    const { body } = await daemon.post('/api/v1/webhooks', {
      url: 'https://app.example/hooks',
      events: ['session.ended'],
    });
    const { body: live } = await daemon.ask('GET', '/api/v1/sessions?state=live');
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    const listed = await page.locator('#navigation a').evaluateAll((links) =>
      links.map((link) => new URL(link.href).pathname.replace(/^\/console/, '')),
    );
    assert.ok(listed.length >= 11, `only ${listed}`);
    const single = ['/rooms/standup', '/clients/alice', `/webhooks/${body.id}`];
    for (const place of [...listed, ...single, `/sessions/${live.items[0].id}`]) {
      await console.visit(place);
      await page.locator('main h1').waitFor();
      await page.waitForFunction(() => document.querySelector('main .waiting') === null);
      const controls = await controlsOf(page);
      const reached = await tabThrough(page);
      const missed = controls.filter((_, index) => !reached.has(String(index)));
      assert.deepEqual(missed, [], place);
    }
  });

  test('past the navigation, and to another page, whose title is read out', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await startAtTop(page);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Skip to the page');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#main$/);
    await page.getByRole('link', { name: 'Tokens' }).focus();
    await page.keyboard.press('Enter');
    await console.heading('Tokens').waitFor();
    await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  });

  test('a question keeps the focus, and gives it back', async (context) => {
    await daemon.post('/api/v1/tokens', { name: 'asked', scopes: ['ice:issue'] });
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/tokens');
    const opener = page.getByRole('button', { name: 'Revoke asked' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let stops = 0; stops < 6; ++stops) {
      await page.keyboard.press('Tab');
      const isInside = await page.evaluate(
        () => document.activeElement === document.body || document.activeElement.closest('dialog') !== null,
      );
      assert.ok(isInside, 'the focus left the question');
    }
    const isBack = async () => {
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      assert.ok(await opener.evaluate((button) => button === document.activeElement));
    };
    await page.keyboard.press('Escape');
    await isBack();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Keep it' }).focus();
    await page.keyboard.press('Enter');
    await isBack();
  });

  test('the menu of a narrow window', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await page.setViewportSize(NARROW);
    const menu = page.getByRole('button', { name: 'Menu' });
    await menu.focus();
    await page.keyboard.press('Enter');
    assert.equal(await menu.getAttribute('aria-expanded'), 'true');
    await page.getByRole('link', { name: 'Regions' }).focus();
    await page.keyboard.press('Enter');
    await console.heading('Regions').waitFor();
    assert.equal(await menu.getAttribute('aria-expanded'), 'false');
  });
});
