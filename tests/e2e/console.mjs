// The console in a real browser, watched for everything that a person would not see: errors in its log,
// requests to elsewhere, faults that axe finds.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { onEnd } from './daemon.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const STEP_MS = 20_000;
const PICTURES = fileURLToPath(new URL('../../build/console/', import.meta.url));
const WIDE = { width: 1280, height: 860 };
export const NARROW = { width: 380, height: 800 };

/** Starts a browser, in `home` when certificates there are to be trusted. */
export const startBrowser = async (context, home) => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    env: { ...process.env, ...(home ? { HOME: home } : {}) },
  });
  onEnd(context, () => browser.close());
  return browser;
};

class ConsolePage {
  #faults = [];

  constructor(page, api) {
    this.page = page;
    this.api = api;
    page.setDefaultTimeout(STEP_MS);
    page.on('pageerror', (error) => this.#faults.push(`exception: ${error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.#faults.push(`log: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${api}/`)) this.#faults.push(`request to ${request.url()}`);
    });
  }

  /** Forgets faults that a test has brought about on purpose; each has to look like this. */
  expectFaults(pattern) {
    for (const fault of this.#faults) assert.match(fault, pattern);
    assert.ok(this.#faults.length > 0, `nothing like ${pattern}`);
    this.#faults = [];
  }

  open(place = '') {
    return this.page.goto(`${this.api}/console${place}`);
  }

  async signIn(token) {
    await this.page.getByLabel('Token').fill(token);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.locator('main#main').waitFor();
  }

  /** Goes to a page of the console without loading it anew, which would sign out. */
  async visit(place) {
    await this.page.evaluate((to) => {
      history.pushState(null, '', `/console${to}`);
      dispatchEvent(new PopStateEvent('popstate'));
    }, place);
    await this.page.waitForFunction((to) => location.pathname === `/console${to.split('?')[0]}`, place);
  }

  heading(name) {
    return this.page.getByRole('heading', { level: 1, name });
  }

  /** A picture of the whole page in each theme, wide and narrow, each without a serious fault. */
  async look(name) {
    for (const theme of ['light', 'dark']) {
      for (const [width, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
        await this.page.setViewportSize(viewport);
        await this.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await this.assertFits();
        await this.assertAccessible(`${name}, ${theme}, ${width}`);
        await mkdir(PICTURES, { recursive: true });
        await this.page.screenshot({
          path: path.join(PICTURES, `${name}-${theme}-${width}.png`),
          fullPage: width === 'narrow',
        });
      }
    }
    await this.page.setViewportSize(WIDE);
  }

  async assertFits() {
    const [content, window] = await this.page.evaluate(() => [
      document.documentElement.scrollWidth,
      innerWidth,
    ]);
    assert.ok(content <= window, `${content} px of content in a window of ${window} px`);
  }

  async assertAccessible(what) {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(() =>
      axe.run(document, { resultTypes: ['violations'] }),
    );
    const serious = violations
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
    assert.deepEqual(serious, [], what);
  }

  assertClean() {
    assert.deepEqual(this.#faults, []);
  }
}

/** A tab with the console of a daemon; when the test ends, nothing may have gone wrong in it unseen. */
export const openConsole = async (
  context,
  daemon,
  { browser, browserContext, viewport = WIDE } = {},
) => {
  const within =
    browserContext ?? (await (browser ?? (await startBrowser(context))).newContext({ viewport }));
  const console = new ConsolePage(await within.newPage(), daemon.api);
  onEnd(context, () => console.assertClean());
  await console.open();
  return console;
};

export const signedIn = async (context, daemon, options) => {
  const console = await openConsole(context, daemon, options);
  await console.signIn(options?.token ?? daemon.token);
  return console;
};
